// Stands in front of the local Worker as Cloudflare's edge does: compresses what may be compressed, and weakens its tag.
// The rules come without their types (edge.ts); the runtime does the compressing itself, once it finds a Content-Encoding.
import { chooseCoding, weaken } from "../../net/compression.ts";

export default {
  async fetch(request, { WORKER, OFFERED }) {
    const acceptEncoding = request.headers.get("Accept-Encoding");
    const answer = await WORKER.fetch(request);
    const { status, headers } = answer;
    const coding = chooseCoding(acceptEncoding, { status, header: (name) => headers.get(name) }, OFFERED);
    return coding === null ? answer : compress(answer, coding);
  },
};

function compress({ status, headers, body }, coding) {
  const changed = new Headers(headers);
  changed.set("Content-Encoding", coding);
  changed.delete("Content-Length");
  const tag = headers.get("ETag");
  if (tag !== null) changed.set("ETag", weaken(tag));
  return new Response(body, { status, headers: changed });
}
