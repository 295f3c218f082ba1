import type { Device } from "./client/index.js";
import { dayName, timeOfDay } from "./conversation.js";
import { element, h, toast } from "./dom.js";

export interface DeviceCalls {
  list(): Promise<Device[]>;
  signOutOn(id: number): Promise<boolean>;
  /** Also on this one: the page shows something else then. */
  signOutEverywhere(): Promise<void>;
  /** What an error means: `true` if the page shows something else now. */
  refused(error: unknown): boolean;
}

const dialog = element<HTMLDialogElement>("devices-dialog");
const everywhere = element<HTMLButtonElement>("everywhere");

/** The dialog that lists the user's devices. */
export function setUpDevices(calls: DeviceCalls): void {
  const attempt = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      if (!calls.refused(error)) toast("That did not work. Try again in a moment.");
    }
  };
  const refresh = async () => {
    const devices = await calls.list();
    element("devices-list").replaceChildren(...devices.map(line));
  };
  const line = (device: Device) => {
    const { id, name, signedInAt, isThis } = device;
    const since = h("span", { class: "since" }, `${dayName(signedInAt)}, ${timeOfDay(signedInAt)}`);
    const out = h("button", { type: "button", class: "small", "aria-label": `Sign out ${name}` }, "Sign out");
    out.onclick = () =>
      attempt(async () => {
        await calls.signOutOn(id);
        await refresh();
      });
    return h("li", { "data-device": String(id) }, h("div", {}, h("span", { class: "device-name" }, name), since), isThis ? h("span", { class: "tag" }, "This one") : out);
  };
  element("devices-open").onclick = () =>
    attempt(async () => {
      await refresh();
      dialog.showModal();
    });
  element("devices-close").onclick = () => dialog.close();
  dialog.onclick = (event) => event.target === dialog && dialog.close();
  everywhere.onclick = () => attempt(calls.signOutEverywhere);
}

export function closeDevices(): void {
  dialog.close();
}
