import { CfnResource } from "aws-cdk-lib";
import { CfnTable } from "aws-cdk-lib/aws-dynamodb";
import { CfnUrl } from "aws-cdk-lib/aws-lambda";
import { CfnBucket } from "aws-cdk-lib/aws-s3";
import { Asset } from "aws-cdk-lib/aws-s3-assets";
import { CfnFunction, CfnLayerVersion } from "aws-cdk-lib/aws-sam";
import { CfnInclude } from "aws-cdk-lib/cloudformation-include";
import { Construct } from "constructs";
import * as path from "node:path";

/** The template's parameters by name; what is left out keeps the default that infra/template.yaml gives it. */
export interface DarkroomParameters {
  readonly PublicUrl?: string;
  readonly CorsOrigins?: string[];
  readonly ResultRetentionDays?: number;
  readonly ResultUrlDays?: number;
  readonly CacheWithWebhooks?: "true" | "false";
  readonly StorageRoles?: string;
  readonly RenderMemory?: number;
  readonly RenderConcurrency?: number;
  readonly RenderReserve?: number;
  readonly SyncConcurrency?: number;
  readonly NotifierConcurrency?: number;
  readonly ChromiumPath?: string;
  readonly LogLevel?: string;
  readonly LogRetentionDays?: number;
  readonly CreateSigner?: "true" | "false";
}

export interface DarkroomProps {
  /** A Darkroom checkout in which `make package layer` has run. */
  readonly checkout: string;
  readonly parameters?: DarkroomParameters;
}

/**
 * Darkroom in a CDK stack of yours. It includes infra/template.yaml and adds nothing but the upload of
 * the functions and the layer, which `sam deploy` does otherwise.
 */
export class Darkroom extends Construct {
  /** Where the API answers. */
  readonly url: string;
  readonly table: CfnTable;
  readonly bucket: CfnBucket;
  /** Any other resource by the name that the template gives it. */
  readonly resource: (name: string) => CfnResource;

  constructor(scope: Construct, id: string, props: DarkroomProps) {
    super(scope, id);
    const folder = path.join(props.checkout, "infra");
    const template = new CfnInclude(this, "Template", {
      templateFile: path.join(folder, "template.yaml"),
      preserveLogicalIds: false,
      parameters: { ...props.parameters },
    });
    this.resource = (name) => template.getResource(name);
    for (const name of ["Api", "Render", "RenderNow", "Notifier", "Janitor"]) {
      const fn = this.resource(name) as CfnFunction;
      fn.codeUri = this.upload(name, path.join(folder, fn.codeUri as string));
    }
    const layer = this.resource("ChromiumLayer") as CfnLayerVersion;
    layer.contentUri = this.upload("ChromiumLayer", path.join(folder, layer.contentUri as string));
    this.url = (this.resource("ApiUrl") as CfnUrl).attrFunctionUrl;
    this.table = this.resource("Table") as CfnTable;
    this.bucket = this.resource("Bucket") as CfnBucket;
  }

  private upload(name: string, file: string): { bucket: string; key: string } {
    const asset = new Asset(this, `${name}Code`, { path: file });
    return { bucket: asset.s3BucketName, key: asset.s3ObjectKey };
  }
}
