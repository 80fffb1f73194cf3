import re,sys
for p in sys.argv[1:]:
    s=open(p).read()
    m=re.search(r'createRoute\(\{\n(.*?)\n\}\);\n', s, re.S)
    assert m, p
    body=m.group(1)
    # split top-level members (2-space indent)
    parts=re.split(r'\n(?=  (?:\w+:|\.\.\.))', body)
    docs=[];keep=[]
    for part in parts:
        key=re.match(r'  (\w+)',part).group(1)
        (docs if key in ('operationId','summary','description','tags','security','responses') else keep).append(part)
    d='\n'.join('  '+line if line.strip() else line for line in '\n'.join(docs).split('\n'))
    new='createRoute({\n'+'\n'.join(keep)+'\n  ...documented(() => ({\n'+d+'\n  })),\n});\n'
    s=s[:m.start()]+new+s[m.end():]
    # import
    rel='"../documented.ts"' if '/webhooks/' in p or '/users/' in p or '/user-events/' in p else '"./documented.ts"'
    imp=f'import {{ documented }} from {rel};\n'
    lines=s.split('\n')
    idx=max(i for i,l in enumerate(lines) if re.match(r'.*from "\.\.?/(?:\.\./)?context.ts";',l))
    lines.insert(idx+1,imp.rstrip())
    open(p,'w').write('\n'.join(lines))
