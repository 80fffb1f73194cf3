import { describe, test } from "vitest";

import { createBook, type KnownUser } from "../../../../../tools/rehearsal/load/book.ts";

const user = (number: number): KnownUser => ({
  id: `id-${number}`,
  username: `load${number}`,
  email: `load${number}@example.com`,
  fullName: "Load Seed",
  version: 1,
});

describe("the book of acknowledged writes", () => {
  test("lends each user to one borrower at a time", ({ expect }) => {
    const book = createBook([user(1), user(2), user(3)]);
    const lent = [book.borrow(() => 0), book.borrow(() => 0.99), book.borrow(() => 0)];
    expect(new Set(lent.map((each) => each?.id)).size).toBe(3);
    expect(book.borrow(() => 0)).toBeNull();
  });

  test("lends a user that was brought back, in its new state", ({ expect }) => {
    const book = createBook([user(1)]);
    const changed = { ...user(1), fullName: "Load Changed", version: 2 };
    book.borrow(() => 0);
    book.settle(changed);
    expect(book.borrow(() => 0)).toEqual(changed);
    expect(book.expectations()).toEqual([
      { username: "load1", allowed: [{ id: "id-1", fullName: "Load Changed", version: 2 }] },
    ]);
  });

  test("expects what was removed to be gone, and tells its id", ({ expect }) => {
    const book = createBook([user(1)]);
    expect(book.removedId(() => 0)).toBeNull();
    const lent = book.borrow(() => 0);
    if (lent !== null) book.remove(lent);
    expect(book.removedId(() => 0.5)).toBe("id-1");
    expect(book.borrow(() => 0)).toBeNull();
    expect(book.expectations()).toEqual([{ username: "load1", allowed: [null] }]);
  });

  test("allows more than one state after a missing answer, and lends the user no more", ({ expect }) => {
    const book = createBook([user(1)]);
    book.borrow(() => 0);
    const allowed = [null, { id: null, fullName: "Load Seed", version: 1 }];
    book.doubt("load1", allowed);
    expect(book.borrow(() => 0)).toBeNull();
    expect(book.expectations()).toEqual([{ username: "load1", allowed }]);
  });
});
