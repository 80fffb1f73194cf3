/**
 * Settles like `work`; rejects when that is not done before a timer of so many milliseconds. Both wait on one event loop: other work
 * on the machine makes both late, and does not change which of them is first.
 */
export async function inTime<Result>(milliseconds: number, work: PromiseLike<Result>): Promise<Result> {
  const tooLate = Promise.withResolvers<never>();
  const timer = setTimeout(() => tooLate.reject(new Error(`not done within ${milliseconds} ms`)), milliseconds);
  try {
    return await Promise.race([work, tooLate.promise]);
  } finally {
    clearTimeout(timer);
  }
}
