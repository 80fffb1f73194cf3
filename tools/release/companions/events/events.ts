import type { Companion } from "../companion.ts";
import { openVersionLog } from "./log.ts";
import { createEventsLooks } from "./looks.ts";

/** Sends what happened to users to webhooks; nothing of the network reaches it: docs/events.md. */
export const EVENTS: Companion = {
  name: "events",
  urlVariable: null,
  hasTriggers: true,
  prepareLooks: () => (at) =>
    createEventsLooks({ log: openVersionLog({ ...at.target, scriptName: at.scriptName }), scriptName: at.scriptName }),
  texts: {
    about:
      "It has no address, so that no version is looked at before it has everything. Afterwards its log is followed, as wrangler tail\n" +
      "does, until a run by cron, one each minute, has ended well: with its configuration, its database and its queues. Then its triggers\n" +
      "are deployed, which no version has: cron, and the queue's consumer.",
    variables: "",
    setUp: "docs/events.md, Turn it on",
    order:
      "migrations that it needs first (a release of the API, or npm run db:migrate); then events, then the API that calls something new of it",
    steps: [
      ["steps", "100 % at once: no address means no override to look by, and a share would show nothing"],
      ["look", "a run of the new version by cron, in its log, within 3 minutes: it has to end well, without an error"],
    ],
    meanwhile: "webhooks wait; what is due is in the database, and is sent by the next version that works",
    shown: "and has run by cron without an error",
  },
};
