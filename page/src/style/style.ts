/** How the player looks. What comes later has the last word. */

import { CONTROLS } from "./controls";
import { GROUND } from "./ground";
import { NARROW } from "./narrow";
import { PANELS } from "./panels";
import { SHOW } from "./show";
import { WINDOWS } from "./windows";

export const STYLE = [GROUND, SHOW, CONTROLS, PANELS, WINDOWS, NARROW];
