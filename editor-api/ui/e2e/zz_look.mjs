// throwaway
import { spawn } from "node:child_process";
import { chromium } from "playwright-core";
import { mkdtempSync, writeFileSync } from "node:fs";
const data = mkdtempSync("/tmp/studio/data-");
const server = spawn(process.env.BIN ?? "/tmp/studio/rw", ["serve","--demo","--listen","127.0.0.1:0","--data",data],{stdio:["ignore","pipe","ignore"]});
let out=""; await new Promise((ok)=>server.stdout.on("data",(b)=>{out+=b; if(/listening on http|l’écoute sur http/.test(out)) ok();}));
const keys=Object.fromEntries([...out.matchAll(/^\s+([A-Z]+)=(rw_\S+)$/gm)].map(([,n,k])=>[n,k]));
const url=/(?:listening on|écoute sur) (http:\S+)/.exec(out)[1];
const browser=await chromium.launch({executablePath:"/usr/bin/chromium",args:["--no-sandbox","--disable-gpu","--disable-quic","--no-first-run","--disable-background-networking","--disable-component-update","--disable-sync"]});
async function person(key,{lang="en",theme="light",w=1440,h=900}={}){const c=await browser.newContext({locale:lang==="fr"?"fr-FR":"en-GB",colorScheme:theme,viewport:{width:w,height:h}});const p=await c.newPage();p.on("pageerror",e=>console.log("PAGEERROR",e.message));p.on("console",m=>m.type()==="error"&&console.log("CONSOLE",m.text()));if(key){await p.goto(url);await p.getByLabel(/Your key|Votre clé/).fill(key);await p.getByRole("button",{name:/^(Sign in|Se connecter)$/}).click();await p.getByRole("navigation",{name:/^(Main|Principale)$/}).waitFor();}return p;}
const shot=(p,n)=>p.screenshot({path:`/tmp/studio/shots/${n}.png`});
try { const {default:run}=await import(process.argv[2]); await run({url,keys,browser,person,shot}); } catch(e){console.log("ERR",e);} finally { await browser.close(); server.kill(); }
