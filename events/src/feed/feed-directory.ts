import { DurableObject } from "cloudflare:workers";

import type { FeedBindings } from "../feed-dependencies.ts";

/**
 * Knows which feeds have sockets, so that a change wakes no others. There is one. A feed is noted whenever a socket is opened, and struck off
 * once it says that it has none, unless it was noted again meanwhile.
 */
export class FeedDirectory extends DurableObject<FeedBindings> {
  readonly #sql: SqlStorage;

  constructor(state: DurableObjectState, env: FeedBindings) {
    super(state, env);
    this.#sql = state.storage.sql;
    this.#sql.exec("create table if not exists feeds (name text primary key, times integer not null)");
  }

  note(name: string): void {
    this.#sql.exec("insert into feeds values (?, 1) on conflict (name) do update set times = times + 1", name);
  }

  /** Fails when one of the feeds cannot be told; all others are. */
  async nudge(): Promise<void> {
    const feeds = this.#sql.exec<{ name: string; times: number }>("select name, times from feeds").toArray();
    const outcomes = await Promise.allSettled(feeds.map((feed) => this.#nudge(feed)));
    const failure = outcomes.find(({ status }) => status === "rejected");
    if (failure?.status === "rejected") throw failure.reason;
  }

  async #nudge({ name, times }: { readonly name: string; readonly times: number }): Promise<void> {
    const hasSockets = await this.env.USER_EVENT_FEEDS.getByName(name).nudge();
    if (!hasSockets) this.#sql.exec("delete from feeds where name = ? and times = ?", name, times);
  }
}
