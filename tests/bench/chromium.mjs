// The Chromium that every side captures with, and what it is started with.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const CHROMIUM = process.env.CHROMIUM_PATH || path.join(ROOT, 'build/layer/opt/chromium/chromium');
export const WINDOW = { width: 1280, height: 800 };

if (!fs.existsSync(CHROMIUM)) throw new Error(`no Chromium at ${CHROMIUM}: run \`make layer\`, or set CHROMIUM_PATH`);

const layer = path.resolve(CHROMIUM, '../..');

/** The layer's libraries and fonts, which snap finds by itself. */
export const ENVIRONMENT = fs.existsSync(path.join(layer, 'fonts/fonts.conf'))
  ? { ...process.env, LD_LIBRARY_PATH: path.join(layer, 'lib'), FONTCONFIG_FILE: path.join(layer, 'fonts/fonts.conf') }
  : process.env;

/** A web font for the heavy page. */
export const FONT = fs.readFileSync(path.join(layer, 'fonts/Arimo_400Regular.ttf'));

/** What the peers' Chromium gets beside their own flags: software compositing, which is faster than their default here. */
export const FLAGS = ['--no-sandbox', '--hide-scrollbars', '--mute-audio', '--disable-dev-shm-usage', '--disable-gpu', '--no-first-run', '--font-render-hinting=none', '--force-color-profile=srgb', '--disable-lcd-text'];

/** What the limit gets besides, as snap does. */
export const FEWER_PROCESSES = ['--in-process-gpu', '--enable-features=NetworkServiceInProcess2'];
