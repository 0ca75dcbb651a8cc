// The page to try the API on. What it sends carries the session, and so the token against forgery.
{
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const theme = () => {
    const chosen = root.dataset.theme;
    root.classList.toggle("dark-mode", chosen === "dark" || (chosen !== "light" && dark.matches));
  };
  theme();
  dark.addEventListener("change", theme);

  const place = document.getElementById("swagger-ui");
  // Its fields have a name beside them and none of their own.
  const named = () => place.querySelectorAll("tr[data-param-name], .opblock-section-request-body, .responses-wrapper")
    .forEach((row) => row.querySelectorAll("input, select, textarea").forEach((field) => {
      field.removeAttribute("title");
      if (!field.getAttribute("aria-label")) field.setAttribute("aria-label", row.dataset.paramName ?? "What is sent");
    }));
  // What is read out where a token is given is what is written there.
  const asked = () => {
    place.querySelector(".close-modal")?.setAttribute("aria-label", "Close");
    place.querySelectorAll(".auth-btn-wrapper button").forEach((button) => button.removeAttribute("aria-label"));
    const secret = place.querySelector("#auth-bearer-value:not([data-named])");
    if (!secret) return;
    secret.removeAttribute("aria-label");
    secret.autocomplete = "off";
    secret.dataset.named = "";
    secret.focus();
  };
  new MutationObserver(() => [named, asked].forEach((each) => each())).observe(place, { childList: true, subtree: true });
  SwaggerUIBundle({
    url: place.dataset.description,
    domNode: place,
    // A link within a button could be neither named nor reached.
    deepLinking: false,
    // Its colours cannot be read by everybody, and are written into the text.
    syntaxHighlight: false,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    tryItOutEnabled: true,
    validatorUrl: null,
    requestInterceptor: (request) => {
      request.headers["X-CSRFToken"] = place.dataset.csrf;
      return request;
    },
  });
}
