import { Agent } from "node:http";
import { createConnection, type NetConnectOpts, type Socket } from "node:net";

type WriteCallback = (error?: Error | null) => void;

/**
 * Opens a connection for each request to the process of one version. workerd closes a connection after an answer to an upload
 * that the Worker did not read, and one that has been idle for 5 s; a process that gets no processor for as long finds both
 * the request and the end of the idle time, and may close what it has not read. A kept connection would lose requests then.
 */
export function createUpstreamAgent(): Agent {
  const agent = new Agent({ keepAlive: false });
  agent.createConnection = (options: NetConnectOpts) => readToTheEnd(createConnection(options));
  return agent;
}

/**
 * A Worker may answer an upload that it does not read; the runtime then closes the connection. Node would take the failure
 * of the next write for the end and drop the answer, which is there to be read. Here only reading tells the end.
 */
function readToTheEnd(socket: Socket): Socket {
  const { _write: write, _writev: writeAll } = socket;
  socket._write = (chunk, encoding, callback) => write.call(socket, chunk, encoding, forgiving(callback));
  if (writeAll !== undefined) socket._writev = (chunks, callback) => writeAll.call(socket, chunks, forgiving(callback));
  return socket;
}

function forgiving(callback: WriteCallback): WriteCallback {
  return (error) => callback(isClosedByPeer(error) ? null : error);
}

function isClosedByPeer(error: Error | null | undefined): boolean {
  return (
    error !== null && error !== undefined && "code" in error && ["EPIPE", "ECONNRESET"].includes(String(error.code))
  );
}
