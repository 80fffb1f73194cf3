import { shorten } from "./table.ts";

/** Where views are shown, one after the other. */
export interface Screen {
  /** Takes the place of the view before on a terminal; elsewhere comes after it. */
  show(lines: readonly string[]): void;
  /** Gives the terminal back as it was, with the last view on it. May be called again. */
  close(): void;
}

export interface ScreenOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

const DEFAULT_COLUMNS = 100;

/** Control sequences of terminals (ECMA-48, and xterm's private modes): the other page, and no cursor on it. */
const OPEN = "\u001B[?1049h\u001B[?25l";
const CLOSE = "\u001B[?25h\u001B[?1049l";
const HOME = "\u001B[H";
const CLEAR_TO_END_OF_LINE = "\u001B[K";
const CLEAR_BELOW = "\u001B[J";

export const columnsOf = ({ columns }: ScreenOutput): number => columns || DEFAULT_COLUMNS;

export function createScreen(output: ScreenOutput): Screen {
  return output.isTTY === true ? createTerminal(output) : createPlain(output);
}

function createPlain(output: ScreenOutput): Screen {
  let isFirst = true;
  return {
    show(lines) {
      output.write(`${isFirst ? "" : "\n"}${lines.join("\n")}\n`);
      isFirst = false;
    },
    close() {},
  };
}

function createTerminal(output: ScreenOutput): Screen {
  let isOpen = false;
  let last: readonly string[] = [];
  return {
    show(lines) {
      const fitting = fitHeight(lines, output.rows ?? Infinity).map((line) => shorten(line, columnsOf(output)));
      output.write(
        `${isOpen ? "" : OPEN}${HOME}${fitting.map((line) => `${line}${CLEAR_TO_END_OF_LINE}`).join("\n")}${CLEAR_BELOW}`,
      );
      isOpen = true;
      last = lines;
    },
    close() {
      if (isOpen) output.write(`${CLOSE}${last.join("\n")}\n`);
      isOpen = false;
    },
  };
}

/** What is below the last line would push the first ones out. */
function fitHeight(lines: readonly string[], rows: number): readonly string[] {
  if (lines.length <= rows) return lines;
  const shown = lines.slice(0, Math.max(0, rows - 1));
  return [...shown, `… ${lines.length - shown.length} more lines`];
}
