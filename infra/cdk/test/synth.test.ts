import { App, Stack } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { after, test } from "node:test";
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { Darkroom, DarkroomParameters } from "../src/index";

const infra = path.resolve(__dirname, "../../..");
const checkout = builtCheckout();
after(() => fs.rmSync(checkout, { recursive: true }));

/** The template beside stand-ins for what the builds make: synthesis only hashes and copies those. */
function builtCheckout(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "darkroom-cdk-"));
  const write = (file: string, content: string | Buffer) => {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), content);
  };
  write("infra/template.yaml", fs.readFileSync(path.join(infra, "template.yaml")));
  for (const name of ["api", "render", "notifier", "janitor"]) write(`target/lambda/${name}/bootstrap`, name);
  write("build/layer/chromium.zip", "zip");
  return folder;
}

function synthesize(parameters?: DarkroomParameters): Template {
  const stack = new Stack(new App(), "Test");
  new Darkroom(stack, "Darkroom", { checkout, parameters });
  return Template.fromStack(stack);
}

test("the construct synthesizes the template's functions with their code as assets", () => {
  const template = synthesize();
  template.resourceCountIs("AWS::Serverless::Function", 5);
  template.allResourcesProperties("AWS::Serverless::Function", {
    CodeUri: { Bucket: Match.anyValue(), Key: Match.anyValue() },
  });
});

test("every resource of the template is there", () => {
  const ours = fs.readFileSync(path.join(infra, "template.yaml"), "utf8");
  const section = ours.slice(ours.indexOf("\nResources:"), ours.indexOf("\nOutputs:"));
  const declared = [...section.matchAll(/^  \w+:\n    Type: (\S+)/gm)].map((match) => match[1]).sort();
  const made = Object.values(synthesize().toJSON().Resources as Record<string, { Type: string }>);
  assert.deepEqual(made.map((resource) => resource.Type).sort(), declared);
});

test("the SAM transform and what it gives to every function are kept", () => {
  const synthesized = synthesize().toJSON();
  assert.equal(synthesized.Transform, "AWS::Serverless-2016-10-31");
  assert.equal(synthesized.Globals.Function.Runtime, "provided.al2023");
  assert.ok(synthesized.Globals.Function.Environment.Variables.TABLE_NAME.Ref in synthesized.Resources);
});

test("every parameter of the template can be given, and no other", () => {
  const given: Required<DarkroomParameters> = {
    PublicUrl: "https://shots.example.com",
    CorsOrigins: ["https://app.example.com", "https://other.example.com"],
    ResultRetentionDays: 7,
    ResultUrlDays: 2,
    CacheWithWebhooks: "true",
    StorageRoles: "shots/*",
    RenderMemory: 3538,
    RenderConcurrency: 10,
    RenderReserve: 10,
    SyncConcurrency: 4,
    NotifierConcurrency: 20,
    ChromiumPath: "/opt/other",
    LogLevel: "debug",
    LogRetentionDays: 7,
    CreateSigner: "false",
  };
  // What was given is no parameter of the stack any more.
  assert.deepEqual(Object.keys(synthesize(given).findParameters("*")), ["BootstrapVersion"]);
});

test("parameters replace the template's defaults", () => {
  synthesize({ RenderMemory: 3538 }).hasResourceProperties("AWS::Serverless::Function", { MemorySize: 3538 });
});
