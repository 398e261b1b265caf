import type { AuthorizationQuery } from './dev-oidc.schema.ts'

const switches = [
  ['denied', 'Deny', 'You come back with an error.'],
  ['no_email', 'No e-mail', 'The provider keeps the address to itself.'],
  ['unverified_email', 'Unverified e-mail', 'The provider says that nobody has proved it.'],
  ['slow', 'Slow', 'The provider takes three seconds.'],
  ['bad_state', 'Bad state', 'You come back with a state nobody gave out.'],
  ['wrong_nonce', 'Wrong nonce', 'The ID token belongs to another sign-in.'],
] as const

/** The page where one says who one is. It has no scripts, and nothing on it comes from elsewhere. */
export function authorizePage(query: AuthorizationQuery, nonce: string): string {
  const { client_id, redirect_uri, response_type, scope, state, code_challenge, code_challenge_method } = query
  const request = { client_id, redirect_uri, response_type, scope, state, nonce: query.nonce, code_challenge }
  const hidden = Object.entries({ ...request, code_challenge_method })
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${escaped(value)}">`)
  const boxes = switches.map(
    ([name, label, what]) =>
      `<label class="switch"><input type="checkbox" name="${name}" value="on"><span>${label}<small>${what}</small></span></label>`,
  )
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Development sign-in</title>
<style nonce="${nonce}">${styles}</style>
</head>
<body>
<main>
<h1>Development sign-in</h1>
<p>This provider belongs to your own server and is there in development only. Say who you want to be.</p>
<form method="get" action="/dev/oidc/approve">
${hidden.join('\n')}
<label for="name">Name</label>
<input id="name" name="name" value="Dev Person" maxlength="200" autocomplete="off">
<label for="email">E-mail</label>
<input id="email" name="email" type="email" value="dev@example.com" maxlength="254" autocomplete="off">
<fieldset>
<legend>What goes wrong</legend>
${boxes.join('\n')}
</fieldset>
<button type="submit">Sign in</button>
</form>
</main>
</body>
</html>
`
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

const styles = `
:root { color-scheme: light dark; --ground: #f4f5f5; --sheet: #fff; --ink: #1b2422; --faint: #55605d; --line: #c9d0ce; --brand: #0c7565; }
@media (prefers-color-scheme: dark) { :root { --ground: #131817; --sheet: #1c2321; --ink: #e8edeb; --faint: #a3afab; --line: #3a4643; --brand: #3fb8a3; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 26rem; padding: 1.5rem; background: var(--sheet); border: 1px solid var(--line); border-radius: .75rem; }
h1 { margin: 0 0 .25rem; font-size: 1.25rem; }
p { margin: 0 0 1rem; color: var(--faint); }
label { display: block; margin-top: .75rem; font-weight: 600; }
input[type=email], input:not([type]) { width: 100%; min-height: 2.75rem; padding: 0 .75rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--ground); color: inherit; font: inherit; }
fieldset { margin: 1.25rem 0 1rem; padding: .25rem 1rem 1rem; border: 1px solid var(--line); border-radius: .5rem; }
legend { padding: 0 .25rem; color: var(--faint); }
.switch { display: flex; gap: .75rem; align-items: start; font-weight: 400; }
.switch input { width: 1.25rem; height: 1.25rem; margin: .15rem 0 0; accent-color: var(--brand); }
small { display: block; color: var(--faint); }
button { width: 100%; min-height: 2.75rem; border: 0; border-radius: .5rem; background: var(--brand); color: var(--sheet); font: inherit; font-weight: 600; cursor: pointer; }
:focus-visible { outline: 3px solid var(--brand); outline-offset: 2px; }
`
