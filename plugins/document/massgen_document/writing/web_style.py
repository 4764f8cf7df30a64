"""The style of an HTML file: readable by day, by night and on paper."""

STYLE = """
:root { color-scheme: light dark; --ink: #1f2933; --dark: #14304f; --quiet: #6b7785; --line: #d5dbe1;
  --shade: #f4f6f8; --ground: #fff; --accent: #1c6dd0 }
@media (prefers-color-scheme: dark) { :root { --ink: #dde3ea; --dark: #fff; --quiet: #9aa7b4; --line: #3a4653;
  --shade: #1b2530; --ground: #10171f; --accent: #6cb0ff } }
body { margin: 0 auto; padding: 3rem 1.25rem; max-width: 44rem; background: var(--ground); color: var(--ink);
  font: 17px/1.6 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif }
h1, h2, h3, h4, h5, h6 { color: var(--dark); line-height: 1.25; margin: 2em 0 .5em }
h1 { font-size: 2.1rem } h2 { font-size: 1.5rem } h3 { font-size: 1.2rem } h1:first-child { margin-top: 0 }
a { color: var(--accent) }
img { max-width: 100%; height: auto }
figure { margin: 1.5em 0; text-align: center }
figcaption { color: var(--quiet); font-size: .85rem }
pre, code { font-family: ui-monospace, "SF Mono", Consolas, "Liberation Mono", monospace; font-size: .88em }
code { background: var(--shade); padding: .1em .3em; border-radius: 3px }
pre { background: var(--shade); padding: 1em; overflow-x: auto; border-radius: 5px }
pre code { padding: 0; background: none }
blockquote { margin: 1.5em 0; padding: 0 0 0 1.1em; border-left: 3px solid var(--line); color: var(--quiet) }
table { border-collapse: collapse; width: 100%; font-size: .92rem; margin: 1.5em 0 }
th, td { padding: .45em .6em; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top }
th { color: var(--dark); border-bottom: 2px solid var(--dark) }
hr { border: 0; border-top: 1px solid var(--line); margin: 3em 0 }
@media print { hr { break-after: page; border: 0 } }
"""
