import { drawPanel, type Panel, PANEL, type Series } from "./panel.ts";
import { type Results, rejectedShare } from "./results.ts";
import { FAILING, FAULT_WEATHERS, failingName, GOOD, SLOWNESS, slowName } from "./scenarios.ts";
import { find } from "./tables.ts";

const STYLE = `
    text { font: 11px system-ui, sans-serif; fill: #1f2430 } .title { font-size: 15px; font-weight: 600 } .name { font-weight: 600 }
    .small { font-size: 10px; fill: #5a6272 } .page { fill: #ffffff } .grid { stroke: #d5dae3 }
    .fair { stroke: #4c78c8; fill: #4c78c8 } .storm { stroke: #d1495b; fill: #d1495b } polyline { fill: none !important; stroke-width: 1.6 } .late { stroke-dasharray: 4 3 }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6e9ef } .small { fill: #a5adbb } .page { fill: #14171d } .grid { stroke: #333a46 }
      .fair { stroke: #7ea6ee; fill: #7ea6ee } .storm { stroke: #ff7b8b; fill: #ff7b8b }
    }`;
const MARGIN = 16;
const TOP = 58;
const WIDTH = 2 * PANEL.width + 2 * MARGIN;
const TITLE = "What the judge of releases catches, and how soon";
const LEGEND =
  "Blue: fair weather. Red: storm. Seconds since the first step began: solid for half of those that are caught, dashed for 95 %.";

/** Share caught and seconds to detection, over the share of requests that fail and over slowness. */
export function drawResults(results: Results): string {
  const panels = [
    ...panelsOf(
      results,
      "% of requests that fail",
      FAILING.filter((share) => share < 1).map((share) => [share * 100, failingName(share)]),
    ),
    ...panelsOf(
      results,
      "times as slow",
      SLOWNESS.map((times) => [times, slowName(times)]),
      1,
    ),
  ];
  const height = TOP + 2 * PANEL.height + MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${TITLE}">`,
    `<style>${STYLE}\n</style>`,
    `<rect class="page" width="${WIDTH}" height="${height}"/>`,
    `<text class="title" x="${MARGIN}" y="28">${TITLE}</text>`,
    `<text class="small" x="${MARGIN}" y="46">${LEGEND}</text>`,
    ...panels.flatMap((panel, place) => [
      `<g transform="translate(${MARGIN + (place % 2) * PANEL.width} ${TOP + Math.floor(place / 2) * PANEL.height})">`,
      ...drawPanel(panel),
      "</g>",
    ]),
    "</svg>\n",
  ].join("\n");
}

/** @param faults sizes of a fault with their names @param soundAt the size that is none */
function panelsOf(
  results: Results,
  xLabel: string,
  faults: readonly (readonly [size: number, name: string])[],
  soundAt = 0,
): readonly Panel[] {
  const all = [[soundAt, GOOD] as const, ...faults];
  const caught = FAULT_WEATHERS.map((weatherName): Series => ({
    classes: weatherName,
    points: all.map(([x, faultName]) => ({ x, y: rejectedShare(find(results, { faultName, weatherName })) * 100 })),
  }));
  const seconds = FAULT_WEATHERS.flatMap((weatherName) =>
    (["medianSeconds", "p95Seconds"] as const).map((which): Series => ({
      classes: which === "medianSeconds" ? weatherName : `${weatherName} late`,
      points: faults.flatMap(([x, faultName]) => {
        const y = find(results, { faultName, weatherName })[which];
        return y === null ? [] : [{ x, y }];
      }),
    })),
  );
  const sizes = all.map(([size]) => size);
  return [
    { title: "% of releases that are rejected", xLabel, xTicks: sizes, yTicks: [0, 25, 50, 75, 100], series: caught },
    { title: "seconds to detection", xLabel, xTicks: sizes, yTicks: [0, 50, 100, 150, 200], series: seconds },
  ];
}
