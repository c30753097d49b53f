// Between autoconsent's script, which follows in the same scope, and us: it is given its
// rules here, what it says else is told by a binding of DevTools.
// Of the rules, those for frames are sorted next to each other.
const { v, s, r, index } = rules;
const fitting = top === self ? { v, s, r } : { v, s: s.slice(0, index.frameStringEnd), r: r.slice(...index.frameRuleRange) };
globalThis.autoconsentSendMessage = async (message) => {
  if (message.type !== "init") return darkroomConsent(JSON.stringify(message));
  // It takes an answer when it has run to its end.
  await null;
  await autoconsentReceiveMessage({ type: "initResp", rules: { autoconsent: [], compact: fitting }, config });
};
