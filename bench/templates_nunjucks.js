// templates_nunjucks.js FOLDER NAME DATA SECONDS: what bench_templates does, with nunjucks.
const fs = require('fs');
const nunjucks = require('nunjucks');

const [folder, name, data, seconds] = process.argv.slice(2);
const env = new nunjucks.Environment(new nunjucks.FileSystemLoader(folder), {autoescape: true});
const template = env.getTemplate(name, true);
const context = JSON.parse(fs.readFileSync(data, 'utf8'));
const cpu = () => { const used = process.cpuUsage(); return (used.user + used.system) * 1e3; };
const text = template.render(context);

for (let i = 0; i < 100; i++) // until its code is compiled
	template.render(context);
let rounds = 0;
const began = cpu();
for (; cpu() - began < seconds * 1e9; rounds++)
	template.render(context);
console.log(JSON.stringify({ns: (cpu() - began) / rounds, bytes: Buffer.byteLength(text)}));
