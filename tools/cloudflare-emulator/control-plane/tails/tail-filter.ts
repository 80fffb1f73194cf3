import { z } from "zod";

/** What `wrangler tail` asks for; a filter that is not here lets everything through. */
const filterSchema = z.looseObject({
  sampling_rate: z.number().optional(),
  outcome: z.array(z.string()).optional(),
  method: z.array(z.string()).optional(),
  header: z.looseObject({ key: z.string(), query: z.string().optional() }).optional(),
  query: z.string().optional(),
  scriptVersion: z.string().optional(),
});

export const tailFiltersSchema = z.looseObject({ filters: z.array(filterSchema).default([]) });

export type TailFilter = z.infer<typeof filterSchema>;

const eventSchema = z.looseObject({
  outcome: z.string().optional(),
  scriptVersion: z.looseObject({ id: z.string().optional() }).nullish(),
  logs: z.array(z.looseObject({ message: z.unknown().optional() })).optional(),
  event: z
    .looseObject({
      request: z
        .looseObject({ method: z.string().optional(), headers: z.record(z.string(), z.string()).optional() })
        .nullish(),
    })
    .nullish(),
});

type TailEvent = z.infer<typeof eventSchema>;

/** Whether an event passes all filters; `random` gives 0 to 1. */
export function passesFilters(event: unknown, filters: readonly TailFilter[], random: () => number): boolean {
  const known = eventSchema.safeParse(event);
  return !known.success || filters.every((filter) => passes(known.data, filter, random));
}

function passes(event: TailEvent, filter: TailFilter, random: () => number): boolean {
  const { sampling_rate: rate, outcome, query, scriptVersion } = filter;
  return [
    rate === undefined || random() < rate,
    outcome === undefined || outcome.includes(event.outcome ?? ""),
    query === undefined || JSON.stringify(event.logs ?? []).includes(query),
    scriptVersion === undefined || scriptVersion === event.scriptVersion?.id,
    hasRequest(event, filter),
  ].every(Boolean);
}

function hasRequest({ event }: TailEvent, { method, header }: TailFilter): boolean {
  const request = event?.request;
  const isMethod = method === undefined || method.some((wanted) => wanted.toUpperCase() === request?.method);
  return isMethod && (header === undefined || hasHeader(request?.headers ?? {}, header));
}

function hasHeader(
  headers: Readonly<Record<string, string>>,
  { key, query = "" }: { key: string; query?: string | undefined },
): boolean {
  return Object.entries(headers).some(
    ([name, value]) => name.toLowerCase() === key.toLowerCase() && value.includes(query),
  );
}
