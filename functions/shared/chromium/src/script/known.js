// Whether there are such a time zone and such a language; null for those that
// weren't asked for.
function (timeZone, locale) {
  const holds = (check) => {
    try {
      check();
      return true;
    } catch {
      return false;
    }
  };
  return [
    holds(() => timeZone && new Intl.DateTimeFormat("en", { timeZone })),
    holds(() => locale && Intl.getCanonicalLocales(locale)),
  ];
}
