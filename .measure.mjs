import esbuild from "esbuild"; import {gzipSync} from "node:zlib"; import fs from "node:fs"; import path from "node:path";
const root=process.cwd();
const alias={"zod":root+"/src/bundle/zod.ts","@asteasolutions/zod-to-openapi":root+"/src/bundle/zod-to-openapi.mjs"};
async function build(transform){
 const r=await esbuild.build({entryPoints:["src/index.ts"],bundle:true,minify:true,keepNames:false,format:"esm",target:"es2024",write:false,external:["cloudflare:*","node:*"],conditions:["workerd","worker","browser"],define:{"globalThis.process":"undefined"},logLevel:"error",
 plugins:[{name:"t",setup(b){
  b.onResolve({filter:/^\.\.\/locales\/index\.js$/},()=>({path:root+"/src/bundle/zod-locales.ts"}));
  b.onResolve({filter:/^\.\.?\/documented\.ts$/},()=>({path:root+"/src/bundle/undocumented.ts"}));
  b.onResolve({filter:/^(zod|@asteasolutions\/zod-to-openapi)$/},a=>({path:alias[a.path]}));
  b.onLoad({filter:/\/src\/.*\.ts$/},a=>{ let s=fs.readFileSync(a.path,"utf8"); const rel=path.relative(root,a.path); if(transform) s=transform(rel,s); return {contents:s,loader:"ts"};});
 }}]});
 const t=r.outputFiles[0].contents; return gzipSync(t,{level:9}).length;
}
const base=await build();
console.log("all",base);
const stub={
 "public-address": (r,s)=>r.endsWith("models/public-address.ts")?"export const isPublicAddress=()=>true;export const parseAddress=()=>null;":s,
 "webhook-url": (r,s)=>r.endsWith("models/webhook-url.ts")?"export const findUrlRefusal=()=>null;export const MAX_WEBHOOK_URL_LENGTH=1;export const WEBHOOK_PORTS=[1];":s,
 "repo": (r,s)=>r.endsWith("postgres-webhook-repository.ts")?"export const createPostgresWebhookRepository=()=>({});":s,
 "service": (r,s)=>r.endsWith("services/webhook-service.ts")?"export const createWebhookService=()=>({});":s,
 "problems": (r,s)=>r.endsWith("http/webhooks/problems.ts")?"export const WEBHOOK_PROBLEMS={};":s,
 "routes": (r,s)=>r.endsWith("http/webhooks/index.ts")?"export const registerWebhooks=()=>{};":s,
 "schema": (r,s)=>r.endsWith("db/webhook-schema.ts")?s.replace(/\(table\) => \[[\s\S]*?\n  \],/g,"() => [],"):s,
 "dispatch": (r,s)=>r.endsWith("db/webhook-schema.ts")?s.replace(/\/\*\* One row: how far[\s\S]*$/,"export const webhookDispatch=null;"):s,
};
for(const [k,f] of Object.entries(stub)) console.log(k, base-await build(f));
