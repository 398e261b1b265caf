const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

const group = ({ heading, pages }, address) => `<h2>${escaped(heading)}</h2>
<ul>
${pages
  .map((page) => {
    const here = page.address === address ? ' aria-current="page"' : ''
    return `<li><a href="${page.address}"${here}>${escaped(page.name)}</a></li>`
  })
  .join('\n')}
</ul>`

/** A whole page around its content. */
export const frame = ({ title, html, contents, address }) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)} · Atrium guide</title>
<link rel="icon" href="/guide/assets/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/guide/assets/guide.css">
<script type="module" src="/guide/assets/guide.js"></script>
</head>
<body>
<a class="skip" href="#content">Skip to the text</a>
<header>
<a class="home" href="/guide">Atrium guide</a>
<form role="search" id="search">
<label for="words">Search the guide</label>
<input id="words" type="search" autocomplete="off" placeholder="Search  ( / )" aria-controls="found">
</form>
<a href="/">Open the app</a>
</header>
<section id="found" aria-live="polite" aria-label="Found pages" hidden></section>
<div class="columns">
<nav aria-label="Pages">
<details>
<summary>All pages</summary>
${contents.map((each) => group(each, address)).join('\n')}
</details>
</nav>
<main id="content" tabindex="-1">
${html}</main>
</div>
</body>
</html>
`
