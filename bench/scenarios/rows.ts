/** Users in the table while anything but its growth is measured. */
export const ROW_COUNT = 10_000;

/** What every user is called: lengths of rows do not differ. */
export const FULL_NAME = "Ada Lovelace";

const hex = (place: number): string => place.toString(16).padStart(12, "0");

/** The id of a user, counted from 1. */
export const idOf = (place: number): string => `00000000-0000-7000-8000-${hex(place)}`;

/** The id of a user that is only there to be deleted, counted from 1. */
export const deletableIdOf = (place: number): string => `00000000-0000-7000-9000-${hex(place)}`;

export const usernameOf = (place: number): string => `user${String(place).padStart(8, "0")}`;

/** When the first user was created; each further one a minute later. */
export const FIRST_CREATED_AT = "2024-01-01T00:00:00.000Z";

/** Coprime to every power of ten, so that a walk in steps of this meets each user once before it meets one again. */
export const STRIDE = 7_919;

/** The user that request number `index`, from 0, is about: neighbours in time are far apart in the table. */
export const placeOf = (index: number, rows: number = ROW_COUNT): number => ((index * STRIDE) % rows) + 1;
