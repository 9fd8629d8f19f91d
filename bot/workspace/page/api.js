/** Asks the workspace's page API: every answer is an object with `ok`, also when the workspace is out of reach. */

async function ask(path, options) {
  try {
    const response = await fetch(path, options);
    return await response.json();
  } catch {
    return { ok: false, error: "unreachable" };
  }
}

/** GET /page/…, with the given query. */
export function get(what, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value);
  return ask(`/page/${what}?${new URLSearchParams(given)}`, { cache: "no-store" });
}

/** POST /page/… with a JSON body. */
export function post(what, body) {
  return ask(`/page/${what}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

const WORDS = {
  unreachable: "The workspace can't be reached. Is it still running?",
  dispatch_failed: "The app did not respond.",
  operation_timeout: "The app did not respond in time.",
  unknown_command: "That is not a command here.",
  not_your_message: "Only its author can change a message.",
  channel_not_found: "You can't see that channel.",
  no_text: "There is nothing to send.",
  file_too_large: "A file may have 25 MB at most here.",
  user_not_found: "There is nobody of that name.",
  not_in_channel: "Join the channel first.",
  not_in_a_channel: "That works in channels only.",
};

/** What went wrong, for people. */
export function inWords(error) {
  return WORDS[error] ?? `That did not work (${error}).`;
}
