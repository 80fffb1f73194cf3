import { parseFlags } from "../../command/parse-flags.ts";
// `npm run prometheus:programs`: Prometheus and Alertmanager, where they are missing.
import { runCommand } from "../../command/run-command.ts";
import { aptInstall, aptUpdate, execute, readAptMachine } from "../../process/apt.ts";
import { explainMissing, findPrograms, PACKAGES } from "./find-programs.ts";

const HELP = `npm run prometheus:programs

Makes sure that prometheus, promtool, alertmanager and amtool are on this machine, for npm run test:prometheus, and installs Debian's
packages ${PACKAGES.join(" and ")} with apt where they are not. Does nothing when they are there.

Where systemd runs, Debian starts both as services, on the ports 9090 and 9093; the test uses neither. To have them for the test only:
  sudo systemctl disable --now prometheus prometheus-alertmanager

  --help   this text

Exit code: 0 they are there, 1 apt failed, 2 called wrongly, 69 they have to be installed by hand.
`;

const EXIT_UNAVAILABLE = 69;

async function run(): Promise<number> {
  const before = findPrograms();
  if ("prometheus" in before) {
    console.log(`they are there: ${Object.values(before).join(", ")}`);
    return 0;
  }
  const machine = readAptMachine();
  if (!machine.hasApt || (!machine.isRoot && !machine.hasSudo)) {
    console.error(explainMissing(before));
    return EXIT_UNAVAILABLE;
  }
  execute(aptUpdate(machine));
  execute(aptInstall(machine, PACKAGES));
  const after = findPrograms();
  if (!("prometheus" in after)) throw new Error(`apt has installed them, and yet ${after.join(", ")} cannot be found`);
  console.log(`they are there now: ${Object.values(after).join(", ")}`);
  return 0;
}

process.exitCode = await runCommand<object>({
  name: "npm run prometheus:programs",
  help: HELP,
  parse: (args) => (parseFlags(args, { help: { type: "boolean", short: "h", default: false } }).help ? null : {}),
  run,
});
process.exit();
