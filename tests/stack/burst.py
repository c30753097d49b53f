"""microburst, but what a request's sender signed of it (its Host and its length) stays, and so does an answer's length."""

from microburst import forward
from microburst.cli import main

outbound_headers = forward.Upstream._outbound_headers


def as_signed(upstream, request):
    return {**outbound_headers(upstream, request), "host": request.headers["Host"]}


forward.Upstream._outbound_headers = as_signed
forward.HOP_BY_HOP = forward.HOP_BY_HOP - {"content-length"}

if __name__ == "__main__":
    main()
