/* global SwaggerUIBundle */

const darkScheme = matchMedia("(prefers-color-scheme: dark)");

/** Swagger UI has a dark theme behind this class, but nothing that follows the system. */
function followColorScheme() {
  document.documentElement.classList.toggle("dark-mode", darkScheme.matches);
}

darkScheme.addEventListener("change", followColorScheme);
followColorScheme();

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  // Keys live as long as the page, no document is sent to a validator, and no query parameter changes any of this.
  persistAuthorization: false,
  validatorUrl: null,
  queryConfigEnabled: false,
});
