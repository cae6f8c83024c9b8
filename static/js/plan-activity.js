// @ts-check
/** The form of one questionnaire in a plan: each choice draws it anew, and what is written meanwhile stays. */

import keepNewer from "./newer-fields.js";

keepNewer(/** @type {HTMLFormElement} */ (document.getElementById("activity-form")));
