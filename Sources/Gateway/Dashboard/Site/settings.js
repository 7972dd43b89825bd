/* /dashboard/settings: the configuration as it was loaded. */
import { get, section } from "./api.js";
import { byId, h, table } from "./dom.js";
import "./shell.js";

section(byId("settings"), async () => {
  const { settings } = await get("/dashboard/api/settings");
  return settings.map((group) => [h("h2", {}, group.name),
    table(group.name, ["Key", "Value", "From"], group.values.map(({ key, value, source }) => [h("code", {}, key), value, source]), "Defaults only")]);
});
