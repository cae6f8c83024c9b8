// @ts-check
/**
 * oidc-provider in front of Kommunal PRO, for tests: ISSUER, CLIENTS and PEOPLE come from the environment as JSON.
 *
 * POST /control/rotate gives it a new key, and nothing but that is published from then on. Whoever names an account
 * of PEOPLE in its login form is that person; the password is not looked at.
 */

import { createServer } from "node:http";
import { generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import Provider from "oidc-provider";

const issuer = String(process.env.ISSUER);
const clients = JSON.parse(String(process.env.CLIENTS));
/** @type {Record<string, Record<string, unknown>>} */
const people = JSON.parse(String(process.env.PEOPLE));
const cookieKeys = [randomBytes(20).toString("hex")];

/** @type {Map<string, Record<string, any>>} */
const kept = new Map();

/** What oidc-provider remembers; kept outside it, so that a new key does not make it forget. */
class Memory {
  /** @param {string} kind */
  constructor(kind) {
    this.kind = kind;
  }
  /** @param {string} id @param {Record<string, any>} content */
  async upsert(id, content) {
    kept.set(`${this.kind}:${id}`, content);
  }
  /** @param {string} id */
  async find(id) {
    return kept.get(`${this.kind}:${id}`);
  }
  /** @param {string} uid */
  async findByUid(uid) {
    return [...kept].find(([name, content]) => name.startsWith(`${this.kind}:`) && content.uid === uid)?.[1];
  }
  /** @param {string} id */
  async consume(id) {
    Object.assign(kept.get(`${this.kind}:${id}`) ?? {}, { consumed: Math.floor(Date.now() / 1000) });
  }
  /** @param {string} id */
  async destroy(id) {
    kept.delete(`${this.kind}:${id}`);
  }
  /** @param {string} grantId */
  async revokeByGrantId(grantId) {
    for (const [name, content] of kept) if (content.grantId === grantId) kept.delete(name);
  }
}

/** The same provider under a new key. */
function provider() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), use: "sig", alg: "RS256" };
  const made = new Provider(issuer, {
    clients,
    adapter: Memory,
    jwks: { keys: [key] },
    cookies: { keys: cookieKeys },
    pkce: { required: () => true },
    scopes: ["openid", "profile", "practitioner"],
    claims: {
      profile: ["user_type", "cpr", "name", "loa"],
      practitioner: ["user_type", "name", "loa", "cvr", "org_name", "privileges", "contexts"],
    },
    features: { backchannelLogout: { enabled: true }, rpInitiatedLogout: { enabled: true } },
    findAccount: (_context, id) => people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) },
    // It refuses to call a machine's own addresses, which in a test is where the application is.
    fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
  });
  made.on("backchannel.error", (_context, error) => console.error("back-channel logout:", error));
  return made.callback();
}

let answer = provider();

createServer((request, response) => {
  if (request.method === "POST" && request.url === "/control/rotate") {
    answer = provider();
    response.end();
    return;
  }
  answer(request, response);
}).listen(Number(new URL(issuer).port), "127.0.0.1");
