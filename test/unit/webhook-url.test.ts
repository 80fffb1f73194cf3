import { readFileSync } from "node:fs";

import { describe, test } from "vitest";

import {
  findUrlRefusal,
  MAX_WEBHOOK_URL_LENGTH,
  nameToResolve,
  type UrlRefusal,
  WEBHOOK_PORTS,
} from "../../src/models/webhook-url.ts";

const STRICT = { allowsLoopback: false };
const LOCAL = { allowsLoopback: true };

describe("a URL is refused", () => {
  test.for<[string, UrlRefusal]>([
    // This machine, in all spellings that the URL standard reads as an address.
    ["https://127.0.0.1/", "address"],
    ["https://127.1/", "address"],
    ["https://127.0.1/", "address"],
    ["https://2130706433/", "address"],
    ["https://017700000001/", "address"],
    ["https://0177.0.0.1/", "address"],
    ["https://0x7f000001/", "address"],
    ["https://0x7f.0x0.0x0.0x1/", "address"],
    ["https://0x7F.1/", "address"],
    ["https://127.255.255.254/", "address"],
    ["https://127.0.0.1./", "address"],
    ["https://１２７.０.０.１/", "address"],
    ["https://127。0。0。1/", "address"],
    ["https://%31%32%37.0.0.1/", "address"],
    ["https:\\\\127.0.0.1\\", "address"],
    ["https:127.0.0.1", "address"],
    ["https://0/", "address"],
    ["https://0.0.0.0/", "address"],
    ["https://[::1]/", "address"],
    ["https://[0:0:0:0:0:0:0:1]/", "address"],
    ["https://[::]/", "address"],
    ["https://localhost/", "name"],
    ["https://LOCALHOST/", "name"],
    ["https://localhost./", "name"],
    ["https://api.localhost/", "name"],
    ["https://ⓛocalhost/", "name"],
    // IPv4 in IPv6: mapped, compatible, translated, tunnelled.
    ["https://[::ffff:127.0.0.1]/", "address"],
    ["https://[::ffff:7f00:1]/", "address"],
    ["https://[::ffff:169.254.169.254]/", "address"],
    ["https://[::127.0.0.1]/", "address"],
    ["https://[64:ff9b::169.254.169.254]/", "address"],
    ["https://[64:ff9b:1::a00:1]/", "address"],
    ["https://[2002:7f00:1::]/", "address"],
    ["https://[2002:a9fe:a9fe::1]/", "address"],
    ["https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/", "address"],
    // Metadata of clouds.
    ["https://169.254.169.254/latest/meta-data/", "address"],
    ["https://2852039166/", "address"],
    ["https://0xA9FEA9FE/", "address"],
    ["https://169.254.43518/", "address"],
    ["https://100.100.100.200/", "address"],
    ["https://168.63.129.16/", "address"],
    ["https://[fd00:ec2::254]/", "address"],
    ["https://metadata.google.internal/", "name"],
    ["https://metadata.google.internal./", "name"],
    ["https://instance-data/latest", "name"],
    // Private, shared, link, multicast, reserved.
    ["https://10.0.0.1/", "address"],
    ["https://10.1/", "address"],
    ["https://172.16.0.1/", "address"],
    ["https://172.31.255.255/", "address"],
    ["https://192.168.1.1/", "address"],
    ["https://3232235777/", "address"],
    ["https://100.64.0.1/", "address"],
    ["https://192.0.0.1/", "address"],
    ["https://198.18.0.1/", "address"],
    ["https://224.0.0.1/", "address"],
    ["https://255.255.255.255/", "address"],
    ["https://[fc00::1]/", "address"],
    ["https://[fd12:3456:789a::1]/", "address"],
    ["https://[fe80::1]/", "address"],
    ["https://[fec0::1]/", "address"],
    ["https://[ff02::1]/", "address"],
    ["https://[2001:db8::1]/", "address"],
    ["https://[100::1]/", "address"],
    // Names that no internet knows.
    ["https://printer.local/", "name"],
    ["https://db.svc.cluster.local/", "name"],
    ["https://router.home.arpa/", "name"],
    ["https://wiki.corp/", "name"],
    ["https://intranet/", "name"],
    ["https://hidden.onion/", "name"],
    ["https://a.test/", "name"],
    ["https://1.0.0.127.in-addr.arpa/", "name"],
    ["https://example..com/", "name"],
    // Another scheme, credentials, a port.
    ["http://example.com/", "scheme"],
    ["ftp://example.com/", "scheme"],
    ["file:///etc/passwd", "scheme"],
    ["gopher://example.com:6379/", "scheme"],
    ["javascript:alert(1)", "scheme"],
    ["data:text/plain,x", "scheme"],
    ["https://user:password@example.com/", "credentials"],
    ["https://user@example.com/", "credentials"],
    ["https://example.com@127.0.0.1/", "credentials"],
    ["https://example.com:22/", "port"],
    ["https://example.com:80/", "port"],
    ["https://example.com:6379/", "port"],
    ["https://example.com:0/", "port"],
    // No URL at all.
    ["", "malformed"],
    ["example.com", "malformed"],
    ["/hook", "malformed"],
    ["https://", "malformed"],
    ["https://256.256.256.256/", "malformed"],
    ["https://[::1/", "malformed"],
    ["https://[fe80::1%25eth0]/", "malformed"],
    ["https://exa mple.com/", "malformed"],
    ["https://example.com:99999/", "malformed"],
    [`https://example.com/${"a".repeat(MAX_WEBHOOK_URL_LENGTH)}`, "malformed"],
  ])("%s: %s", ([url, refusal], { expect }) => {
    expect(findUrlRefusal(url, STRICT)).toBe(refusal);
  });
});

describe("a URL is taken", () => {
  test.for([
    "https://example.com/",
    "https://example.com:443/hook?token=a#fragment",
    "https://hooks.example.com:8443/a/b",
    "https://example.com./hook",
    "https://EXAMPLE.com/",
    "https://xn--bcher-kva.example.com/",
    "https://bücher.example.com/",
    "https://8.8.8.8/",
    "https://1.1/",
    "https://172.15.255.255/",
    "https://172.32.0.1/",
    "https://100.63.255.255/",
    "https://[2606:4700:4700::1111]/",
    "https://local.example.com/",
    "https://internal.example.com/",
  ])("%s", (url, { expect }) => {
    expect(findUrlRefusal(url, STRICT)).toBeNull();
  });

  test.for(["http://127.0.0.1:9000/hook", "http://localhost:3000/", "https://[::1]:1234/", "http://2130706433/"])(
    "on a developer's machine: %s",
    (url, { expect }) => {
      expect(findUrlRefusal(url, LOCAL)).toBeNull();
      expect(findUrlRefusal(url, STRICT)).not.toBeNull();
    },
  );

  test.for<[string, UrlRefusal]>([
    ["http://169.254.169.254/", "scheme"],
    ["https://10.0.0.1/", "address"],
    ["http://example.com/", "scheme"],
    ["http://user@127.0.0.1/", "credentials"],
    ["ftp://127.0.0.1/", "scheme"],
    ["http://[::ffff:127.0.0.1]/", "scheme"],
  ])("but nothing else there: %s", ([url, refusal], { expect }) => {
    expect(findUrlRefusal(url, LOCAL)).toBe(refusal);
  });
});

test.for<[string, boolean, string | null]>([
  ["https://example.com/hook", false, "example.com"],
  ["https://example.com./hook", false, "example.com."],
  ["https://8.8.8.8/", false, null],
  ["https://[2606:4700::1]/", false, null],
  ["http://localhost:1/", true, null],
  ["https://localhost/", false, "localhost"],
])("the name that %s stands for has to be looked at", ([url, allowsLoopback, name], { expect }) => {
  expect(nameToResolve(url, { allowsLoopback })).toBe(name);
});

test("the ports that are taken are told in docs/events.md", ({ expect }) => {
  const list = `${WEBHOOK_PORTS.slice(0, -1).join(", ")} and ${WEBHOOK_PORTS.at(-1)}`;
  expect(readFileSync("docs/events.md", "utf8")).toContain(`ports other than ${list}`);
});
