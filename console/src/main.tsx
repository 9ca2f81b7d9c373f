import "@mantine/core/styles.css";
import "./console.css";
import { createTheme, MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createHashRouter, RouterProvider } from "react-router";
import { App } from "./App";
import { configure, Problem } from "./api/director";
import { returnFromIssuer } from "./api/issuer";
import { SignedInForAnother } from "./pages/SignedInForAnother";
import { Failure } from "./parts/Failure";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // Only what may pass by itself is asked again: no answer, or an answer that says so.
      retry: (failures, error) => error instanceof Problem && [0, 429, 503].includes(error.status) && failures < 8,
      retryDelay: 2_000,
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
});

/** Hints stand below, so that fields beside each other keep their line. */
const theme = createTheme({
  components: { InputWrapper: { defaultProps: { inputWrapperOrder: ["label", "input", "error", "description"] } } },
});

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no root");
const lost = await configure().then(() => null, (error: unknown) => error);
const [done, refusal] = await returnFromIssuer().then((over) => [over, null], (error: unknown) => [false, error]);
// Only a router made like this can ask before a page is left.
const router = createHashRouter([{ path: "*", element: <App refusal={refusal} /> }]);
createRoot(root).render(
  <StrictMode>
    {/* Their style elements would need an exception in the Content-Security-Policy; the style sheet has the same. */}
    <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false} withStaticClasses>
      <QueryClientProvider client={queries}>
        {lost !== null ? (
          <Failure error={lost} title="The console does not know where its Director is" />
        ) : done ? (
          <SignedInForAnother />
        ) : (
          <RouterProvider router={router} />
        )}
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
