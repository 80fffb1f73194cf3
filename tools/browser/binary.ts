import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { brotliDecompressSync } from "node:zlib";

/** A browser that can be started, and the environment that it needs beyond ours. */
export interface BrowserBinary {
  readonly executablePath: string;
  readonly env: Readonly<Record<string, string>>;
}

const INSTALLED = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

const HELP = "No Chromium was found. Install Chrome or Chromium, or set CHROMIUM_PATH to its executable.";

/** The browser of `CHROMIUM_PATH`, else an installed one, else (Linux on x64) the one that comes as an npm package. */
export function findBrowser(): BrowserBinary {
  const chosen = process.env["CHROMIUM_PATH"];
  if (chosen !== undefined && chosen !== "") {
    if (existsSync(chosen)) return { executablePath: chosen, env: {} };
    throw new Error(`CHROMIUM_PATH names ${chosen}, which does not exist.`);
  }
  const installed = INSTALLED.find((candidate) => existsSync(candidate));
  if (installed !== undefined) return { executablePath: installed, env: {} };
  if (process.platform === "linux" && process.arch === "x64") return unpackedBrowser();
  throw new Error(HELP);
}

/** Unpacks the package's browser, libraries and fonts once per install; takes seconds and some 200 MB. */
function unpackedBrowser(): BrowserBinary {
  const source = path.resolve("node_modules/@sparticuz/chromium/bin");
  const folder = path.resolve("node_modules/.cache/chromium");
  if (!existsSync(folder)) {
    const partial = `${folder}.${process.pid}`;
    mkdirSync(partial, { recursive: true });
    writeFileSync(path.join(partial, "chromium"), decompress(source, "chromium.br"), { mode: 0o755 });
    for (const archive of ["al2023.tar.br", "fonts.tar.br"]) {
      execFileSync("tar", ["-x", "-C", partial], { input: decompress(source, archive) });
    }
    moveInto(partial, folder);
  }
  writeFileSync(path.join(folder, "fonts.conf"), fontsConfig(folder));
  return {
    executablePath: path.join(folder, "chromium"),
    env: { LD_LIBRARY_PATH: path.join(folder, "lib"), FONTCONFIG_PATH: folder },
  };
}

/** The package's own configuration looks for fonts where a cloud function has them; without any, Chromium ends at the first text. */
function fontsConfig(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${path.join(folder, "fonts")}</dir>
  <cachedir>${path.join(folder, "fonts-cache")}</cachedir>
</fontconfig>
`;
}

function decompress(folder: string, file: string): Buffer {
  return brotliDecompressSync(readFileSync(path.join(folder, file)));
}

/** Two test runs may unpack at once; the first to finish wins and both have the same. */
function moveInto(partial: string, folder: string): void {
  try {
    renameSync(partial, folder);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}
