"""Pages without what nobody wants in a picture, through the whole stack: the lists come with the layer."""

import io

import pytest
from PIL import Image

from client import NODIUM

pytestmark = pytest.mark.usefixtures("nothing_left")

LIME, RED = (0, 255, 0), (255, 0, 0)
SMALL = {"viewport_width": 200, "viewport_height": 100, "format": "png"}

AD = "<body style='background:#00ff00;margin:0'><div class=ad-content-rectangle style='height:99px;background:#ff0000'></div>"
BANNER = """<body style='background:#00ff00;margin:0'><div id=onetrust-consent-sdk>
<div id=onetrust-banner-sdk style='height:99px;background:#ff0000'>We use cookies
<button id=onetrust-accept-btn-handler>Accept</button><button id=onetrust-reject-all-handler>Reject</button></div></div>
<script>document.querySelector('#onetrust-reject-all-handler').onclick = () => {
  document.querySelector('#onetrust-consent-sdk').remove(); document.body.style.background = '#0000ff' }</script>"""


@pytest.mark.parametrize(
    ("page", "option", "clean"), [(AD, "block_ads", LIME), (BANNER, "block_cookie_banners", (0, 0, 255))]
)
def test_a_page_is_rid_of_what_is_not_wanted(client, page, option, clean):
    for options, colour in (({}, RED), ({option: True}, clean)):
        body = {"html": page, **SMALL, **options}
        answer = client.call("POST", f"{NODIUM}/take", headers={"X-Access-Key": client.key}, json=body)
        assert answer.status_code == 200, answer.text
        assert Image.open(io.BytesIO(answer.content)).convert("RGB").getpixel((150, 90)) == colour
