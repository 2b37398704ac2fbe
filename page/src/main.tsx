import { createRoot } from "react-dom/client";
import { App } from "./App";
import { prepareWords } from "./words";
import "./style.scss";

const place = document.getElementById("page");
if (place) {
  await prepareWords();
  createRoot(place).render(<App />);
}
