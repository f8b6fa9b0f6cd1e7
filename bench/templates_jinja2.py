"""templates_jinja2.py FOLDER NAME DATA SECONDS: what bench_templates does, with Jinja2."""
import json
import sys
import time

from jinja2 import Environment, FileSystemLoader

folder, name, data, seconds = sys.argv[1:]
template = Environment(loader=FileSystemLoader(folder), autoescape=True).get_template(name)
with open(data, encoding='utf-8') as f:
    context = json.load(f)
text = template.render(context)
rounds, began = 0, time.process_time()
while time.process_time() - began < float(seconds):
    template.render(context)
    rounds += 1
print(json.dumps({'ns': (time.process_time() - began) / rounds * 1e9,
                  'bytes': len(text.encode())}))
