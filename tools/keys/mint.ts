// `npm run keys:mint`: prints a new API key once, and the entry of API_KEYS that accepts it.
import { formatMintedKey, HELP, MintError, mintKey, parseMintOptions } from "./api-key.ts";

try {
  const options = parseMintOptions(process.argv.slice(2));
  process.stdout.write(options === null ? HELP : formatMintedKey(mintKey(options)));
} catch (error) {
  if (!(error instanceof MintError)) throw error;
  console.error(`${error.message}\nSee npm run keys:mint -- --help`);
  process.exitCode = 1;
}
