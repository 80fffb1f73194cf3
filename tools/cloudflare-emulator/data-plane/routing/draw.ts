const GOLDEN_RATIO_PART = (Math.sqrt(5) - 1) / 2;

/**
 * Draws from [0, 1) that are spread evenly over any stretch of the sequence: steps by the golden ratio, from a random start.
 * After n draws a share is off by about log(n)/n, where independent draws are off by 1/sqrt(n): a tester sees 10 % after
 * hundreds of requests, for which Cloudflare's independent ones take ten thousand. Every other, or every tenth draw of
 * the sequence is as even, so that requests which alternate in kind do not pick their version by that.
 */
export function evenDraws(start: number): () => number {
  let point = start;
  return () => {
    point = (point + GOLDEN_RATIO_PART) % 1;
    return point;
  };
}
