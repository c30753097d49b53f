// The pages that are captured, on loopback. Every capture meets the same bytes.
import http from 'node:http';
import zlib from 'node:zlib';
import { FONT } from './chromium.mjs';

const LOREM = 'Darkroom renders pages in a function. The quick brown fox jumps over the lazy dog while a queue drains and a signed link appears. ';
const IMAGES = Array.from({ length: 64 }, (_, number) => picture(320, 200, number + 1));
const SCRIPT = script();

const paragraphs = (count) => range(count, (i) => `<p>${i}. ${LOREM.repeat(3)}</p>`);
const range = (count, each) => Array.from({ length: count }, (_, i) => each(i)).join('');

const PAGES = {
  // Text and a table, no sub-resources.
  '/simple': page('Simple', `<h1>Simple page</h1>${paragraphs(8)}<table border=1>${range(12, (i) => `<tr><td>${i}</td><td>cell ${i * i}</td></tr>`)}</table>`),
  // Some 10,000 px, a sticky header, 48 lazy images.
  '/long': page(
    'Long',
    `<header style="position:sticky;top:0;background:#146;color:#fff;height:60px">sticky header</header><h1>Long page</h1>${range(48, (i) => `<section style="height:200px;margin-bottom:8px;border-bottom:1px solid #ccc"><img loading=lazy width=320 height=190 src="/image/${i}" style="float:left;margin-right:12px"><p>${i} ${LOREM.repeat(3)}</p></section>`)}`,
  ),
  // 60 images, two web fonts, 1 MB of JavaScript that also has something to do.
  '/heavy': page(
    'Heavy',
    `<h1>Heavy page</h1><p class=one>web font text ${LOREM}</p><p class=two>second face ${LOREM}</p><div>${range(60, (i) => `<img width=160 height=100 src="/image/${i}?heavy">`)}</div><div id=list></div><script src="/script"></script>`,
    '<style>@font-face{font-family:One;src:url(/font?1)}@font-face{font-family:Two;src:url(/font?2)}.one{font-family:One}.two{font-family:Two;font-weight:700}</style>',
  ),
};

/** What moves, for `make clips`: text under a bar that goes by styles, a wheel that turns by script, a counter. */
PAGES['/moving'] = page(
  'Moving',
  `<h1>Moving page</h1><div id=bar></div><canvas id=wheel width=300 height=300></canvas><p id=count></p>${paragraphs(4)}<script>
const pen = document.getElementById('wheel').getContext('2d');
let frames = 0;
(function turn(time = 0) {
  pen.clearRect(0, 0, 300, 300);
  for (let spoke = 0; spoke < 24; spoke++) {
    pen.fillStyle = \`hsl(\${spoke * 15} 80% 50%)\`;
    pen.beginPath();
    pen.moveTo(150, 150);
    pen.arc(150, 150, 140, time / 1000 + spoke * 0.26, time / 1000 + spoke * 0.26 + 0.2);
    pen.fill();
  }
  count.textContent = ++frames;
  requestAnimationFrame(turn);
})();
</script>`,
  '<style>@keyframes go{to{transform:translateX(900px)}}#bar{width:200px;height:40px;background:linear-gradient(90deg,#146,#9cf);animation:go 5s ease-in-out infinite alternate}</style>',
);

/** What pages do that mean harm, for `make soak`. */
const HOSTILE = {
  '/alerts': '<script>for (;;) alert("again")</script>',
  '/popups': '<script>for (let i = 0; i < 5; i++) open("/simple")</script>',
  '/frames': range(100, (i) => `<iframe src="/simple?${i}" width=100 height=60></iframe>`),
  '/crash': '<script>const all = []; for (;;) all.push(new Array(1e6).fill(Math.random()))</script>',
  '/spin': '<script>for (;;) {}</script>',
  '/polls': '<script>setInterval(() => fetch("/simple"), 50)</script>',
};

/** Serves the pages on a free port; resolves to their origin. */
export function serve() {
  const server = http.createServer((request, response) => {
    const path = request.url.split('?')[0];
    const image = path.match(/^\/image\/(\d+)$/);
    if (PAGES[path]) return send(response, 'text/html; charset=utf-8', PAGES[path]);
    if (image) return send(response, 'image/png', IMAGES[image[1] % IMAGES.length]);
    if (path === '/script') return send(response, 'text/javascript', SCRIPT);
    if (path === '/font') return send(response, 'font/ttf', FONT);
    if (HOSTILE[path]) return send(response, 'text/html; charset=utf-8', page('Hostile', HOSTILE[path]));
    if (path === '/download') return send(response, 'application/octet-stream', Buffer.alloc(1_000_000));
    if (path === '/around') return response.writeHead(302, { location: `${request.url}?` }).end();
    if (path === '/hang') return;
    response.writeHead(404).end();
  });
  server.keepAliveTimeout = 30_000;
  return new Promise((ready) => server.listen(0, '127.0.0.1', () => ready({ origin: `http://127.0.0.1:${server.address().port}`, close: () => server.close() })));
}

function send(response, type, body) {
  response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(body), 'cache-control': 'no-store' });
  response.end(body);
}

function page(title, body, head = '') {
  return `<!doctype html><html lang=en><head><meta charset=utf-8><title>${title}</title><style>body{font:16px/1.5 sans-serif;margin:24px;color:#223;background:#fff}h1{color:#146}</style>${head}</head><body>${body}</body></html>`;
}

/** 1 MB of functions, a loop of 3 million rounds, 300 rows. */
function script() {
  let padding = '';
  for (let i = 0; padding.length < 1_000_000; i++) {
    padding += `function f${i}(a,b){var c=a*${i}+b;if(c>${i * 7}){return c-${i}}return [a,b,c].map(function(x){return x+${i}}).join("-")}\n`;
  }
  return `${padding}var sum=0;for(var i=0;i<3e6;i++){sum=(sum*31+i)%1000003}for(var k=0;k<300;k++){var row=document.createElement('div');row.textContent='row '+k+' '+(sum+k);document.getElementById('list').appendChild(row)}`;
}

/** A PNG of a gradient with noise, the same for the same seed. */
function picture(width, height, seed) {
  let noise = (seed * 2654435761) >>> 0 || 1;
  const rows = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0, at = 0; y < height; y++) {
    rows[at++] = 0;
    for (let x = 0; x < width; x++) {
      noise ^= noise << 13; noise >>>= 0; noise ^= noise >>> 17; noise ^= noise << 5; noise >>>= 0;
      rows[at++] = ((x * 255) / width + (noise & 3)) & 255;
      rows[at++] = ((y * 255) / height + seed * 17) & 255;
      rows[at++] = (seed * 53 + (x ^ y)) & 255;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8; // bits
  header[9] = 2; // RGB
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', zlib.deflateSync(rows, { level: 3 })), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type, data) {
  const framed = Buffer.alloc(12 + data.length);
  framed.writeUInt32BE(data.length, 0);
  framed.write(type, 4, 'latin1');
  data.copy(framed, 8);
  framed.writeUInt32BE(crc32(framed.subarray(4, 8 + data.length)), 8 + data.length);
  return framed;
}

function crc32(bytes) {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  }
  return (crc ^ -1) >>> 0;
}
