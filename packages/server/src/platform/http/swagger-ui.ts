const logo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="9" fill="#0c7565"/>
<path d="M7.5 25V15.5a8.5 8.5 0 0 1 17 0V25" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/>
<path d="M12.4 25v-9.2a3.6 3.6 0 0 1 7.2 0V25z" fill="#fff"/></svg>`

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Atrium API</title>
    <link rel="stylesheet" href="/docs/static/swagger-ui.css">
    <link rel="stylesheet" href="/docs/static/index.css">
    <link rel="icon" href="/favicon.svg">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/docs/static/swagger-ui-bundle.js"></script>
    <script src="/docs/static/swagger-ui-standalone-preset.js"></script>
    <script src="/docs/static/initializer.js"></script>
  </body>
</html>
`

/** "Try it out" calls the API as any client does: with the token of the one who reads. */
const initializer = `
const addCsrfToken = async (request) => {
  if (!['POST', 'PUT', 'PATCH', 'DELETE'].includes(request.method)) return request
  const answer = await fetch('/api/v1/auth/csrf')
  if (!answer.ok) return request
  const tokens = await answer.json()
  const name = request.url.endsWith('/auth/refresh') ? 'csrf_refresh_token' : 'csrf_access_token'
  request.headers['X-CSRF-TOKEN'] = tokens[name] ?? ''
  return request
}

const showLogo = () => {
  const link = document.querySelector('#swagger-ui .topbar a.link')
  if (!link) return
  const image = document.createElement('img')
  image.height = 40
  image.alt = 'Atrium'
  image.src = 'data:image/svg+xml;base64,${Buffer.from(logo).toString('base64')}'
  link.replaceChildren(image)
  link.href = '/'
}

SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  plugins: [SwaggerUIBundle.plugins.DownloadUrl],
  layout: 'StandaloneLayout',
  validatorUrl: null,
  withCredentials: true,
  requestInterceptor: addCsrfToken,
  onComplete: showLogo,
})
`

/** What the viewer is made of; its own files are in the package, by the names they have there. */
export const swaggerUi = {
  page,
  initializer,
  files: {
    'initializer.js': 'text/javascript; charset=utf-8',
    'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
    'swagger-ui-standalone-preset.js': 'text/javascript; charset=utf-8',
    'swagger-ui.css': 'text/css; charset=utf-8',
    'index.css': 'text/css; charset=utf-8',
  },
}
