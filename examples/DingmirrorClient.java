import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Tells Confluence users something in DingTalk, through dingmirror. One file, Java 17, nothing but the JDK: run it as
 * it is, or copy the classes {@link Dingmirror}, {@link Transport} and {@link Json} into a plugin.
 *
 * <pre>
 *   export DINGMIRROR_URL=http://127.0.0.1:8080
 *   export DINGMIRROR_API_KEY=dm_...
 *   java DingmirrorClient.java --text "The release plan has changed" wang.wei@example.com li.na=li.na@example.com
 * </pre>
 *
 * An administrator makes the key, where the server runs: {@code dingmirror key create --name confluence --permission
 * identity:read --permission message:send --permission message:read --permission directory:read --expires 90d}. The
 * server's secret stays there, and the key can be revoked by itself. A bearer token in DINGMIRROR_TOKEN works, too.
 *
 * A recipient is an e-mail address, a Confluence username, or username=e-mail. DingTalk takes a message first and tells
 * later what became of it, so the program waits for that: {@code --wait} seconds, 90 if not given. The exit code is
 *
 * <ul>
 *   <li>0 when DingTalk says that everyone has the message,
 *   <li>1 when someone was not reached,
 *   <li>2 when the call itself failed,
 *   <li>3 when nobody is known to be missing, and of someone it is not known after that time.
 * </ul>
 */
public final class DingmirrorClient {

    public static void main(String[] arguments) throws InterruptedException {
        try {
            System.exit(run(Arguments.read(arguments)));
        } catch (UsageException e) {
            System.err.println(e.getMessage());
            System.err.println("usage: java DingmirrorClient.java [--url URL] [--api-key KEY] [--key IDEMPOTENCY-KEY]"
                    + " [--wait SECONDS] [--timeout SECONDS] --text TEXT RECIPIENT...");
            System.exit(2);
        } catch (DingmirrorException e) {
            System.err.println("failed: " + e.code + ": " + e.getMessage());
            System.exit(2);
        }
    }

    private static int run(Arguments arguments) throws InterruptedException {
        Dingmirror dingmirror = new Dingmirror(new Transport(arguments.url, arguments.token, arguments.timeout));

        // 1. Who are they? One call for all of them, answered in the order asked. `sendMessage` resolves too, so a
        //    plugin needs this only where it wants to know beforehand: here, whom to tell some other way.
        for (Resolution resolution : dingmirror.resolve(arguments.recipients)) {
            System.out.printf("resolve %s: %s %s (%s) -> %s%n", resolution.identity().label(), resolution.status(),
                    resolution.userId() == null ? "-" : resolution.userId(), advice(resolution), decide(resolution));
        }

        // 2. Send. The same key may be sent as often as needed: the message goes out once. What dingmirror knows
        //    beforehand (somebody has had this text today, say) it tells in the notices.
        Sent sent = dingmirror.sendText(arguments.recipients, arguments.text, arguments.key);
        System.out.printf("sent %s key %s%s%n", sent.messageId(), arguments.key, sent.replayed() ? " (replayed)" : "");
        for (String notice : sent.notices()) System.out.printf("notice %s%n", notice);

        // 3. What became of it, per recipient? DingTalk answers "taken" also for what it then drops, so ask until its
        //    result is there.
        Report report = dingmirror.awaitOutcomes(sent.messageId(), arguments.wait);
        boolean missed = false;
        boolean unknown = false;
        for (Outcome outcome : report.outcomes()) {
            System.out.printf("outcome %d %s: %s (%s)%n", outcome.position(),
                    outcome.userId() == null ? "-" : outcome.userId(), outcome.state(), advice(outcome));
            missed |= outcome.reached() == Reached.NO;
            unknown |= outcome.reached() == Reached.NOT_KNOWN;
        }
        if (unknown) {
            System.out.printf("not known after %d s: %s%n", arguments.wait.toSeconds(), report.followUp()
                    ? "what became of the rest. dingmirror goes on asking DingTalk for a day; ask for message "
                            + sent.messageId() + " again later, and do not send again"
                    : "whether what DingTalk has taken arrived: getSendResultUrl is not set, or may not be called");
        }
        return missed ? 1 : unknown ? 3 : 0;
    }

    /** What a plugin does with a Confluence user: the ways by which it tells them, and whether an administrator must look. */
    enum Decision {
        /** A DingTalk message reaches them. */
        DINGTALK,
        /** It reaches them still, and somebody should look: they may have left. */
        DINGTALK_AND_ADMINISTRATOR,
        /** Nothing reaches them in DingTalk, and no link would change that: mail them, or say nothing. */
        MAIL,
        /** Nothing reaches them until an administrator links them by hand (`linkIdentity`): mail them meanwhile. */
        MAIL_AND_ADMINISTRATOR
    }

    /** What to do about each answer of `resolve`. New statuses may come: whoever is not surely found is mailed. */
    static Decision decide(Resolution resolution) {
        return switch (resolution.status()) {
            case "MATCHED" -> Decision.DINGTALK;
            case "HELD" -> Decision.DINGTALK_AND_ADMINISTRATOR;
            // A link by hand that leads to somebody who left is not followed: only an administrator can put it right.
            case "INACTIVE" -> "LINK".equals(resolution.rule()) ? Decision.MAIL_AND_ADMINISTRATOR : Decision.MAIL;
            // Never take one of the candidates: the message would reach a stranger.
            case "UNMATCHED", "AMBIGUOUS" -> Decision.MAIL_AND_ADMINISTRATOR;
            default -> Decision.MAIL_AND_ADMINISTRATOR;
        };
    }

    /** What to tell people about each answer of `resolve`. The reason names the rule, the key and the remedy. */
    static String advice(Resolution resolution) {
        return switch (resolution.status()) {
            case "MATCHED" -> "will be reached, by the rule " + resolution.rule();
            case "UNMATCHED" -> "nobody in DingTalk fits: " + resolution.reason();
            case "AMBIGUOUS" -> "several fit, an administrator has to choose out of "
                    + String.join(", ", resolution.candidates()) + ": " + resolution.reason();
            case "INACTIVE" -> "has no active DingTalk account: " + resolution.reason();
            case "HELD" -> "may have left the company, the removal awaits review: " + resolution.reason();
            default -> resolution.status() + ": " + resolution.reason();
        };
    }

    /** What each delivery state means to the one who sent the message. */
    static String advice(Outcome outcome) {
        String why = outcome.reason() == null ? "no reason given" : outcome.reason();
        String fear = outcome.prediction() == null ? "" : ", and is expected to drop it: " + switch (outcome.prediction()) {
            case "DUPLICATE" -> "this person had the same text today";
            case "DAILY_QUOTA" -> "this person had 500 notifications of the app today";
            default -> outcome.prediction();
        };
        return switch (outcome.state()) {
            case "QUEUED", "SENDING" -> "still under way: ask again later, do not send again";
            case "ACCEPTED" -> "DingTalk has taken it and not said yet whether it arrived" + fear;
            case "DELIVERED_UNREAD" -> "delivered, not read yet";
            case "READ" -> "read";
            case "DROPPED_DUPLICATE" -> "DingTalk drops the same text to the same person on the same day: " + why;
            case "DROPPED_QUOTA" -> "this person's quota for today is used up: " + why;
            case "INVALID" -> "DingTalk does not accept this recipient: " + why;
            case "FAILED" -> "failed for good: " + why;
            case "UNKNOWN" -> "the connection broke while sending, it may have arrived: " + why;
            case "UNMATCHED" -> "no DingTalk user: " + why;
            case "DUPLICATE" -> "the same person as another recipient, told once";
            case "SUPPRESSED" -> "sending is switched off in the settings: " + why;
            case "SHADOWED" -> "sending is in shadow, nothing goes out: " + why;
            case "REDIRECTED" -> "sending is redirected, a tester has it instead: " + why;
            default -> outcome.state() + ": " + why;
        };
    }

    /** A Confluence user as the plugin knows it; what it does not know is null. */
    record Identity(String username, String userKey, String accountId, String email, String displayName) {
        Map<String, Object> toInput() {
            Map<String, Object> input = new LinkedHashMap<>();
            if (username != null) input.put("username", username);
            if (userKey != null) input.put("userKey", userKey);
            if (accountId != null) input.put("accountId", accountId);
            if (email != null) input.put("email", email);
            if (displayName != null) input.put("displayName", displayName);
            return input;
        }

        String label() {
            return username != null ? username : email;
        }
    }

    /**
     * Whom dingmirror found for one identity, and why. {@code userId} is there with MATCHED, INACTIVE and HELD;
     * {@code rule} is null where no rule found anybody; {@code candidates} are the userIds of all who have the key.
     */
    record Resolution(Identity identity, String status, String userId, String rule, List<String> candidates,
            String reason) {}

    /**
     * The accepted message. {@code replayed}: the key was known, and this is the message of the first call.
     * {@code notices}: what whoever sends should know, a sentence each.
     */
    record Sent(String messageId, boolean replayed, List<String> notices) {}

    /** Whether somebody has the message. */
    enum Reached { YES, NO, NOT_KNOWN }

    /** What became of the message for one recipient, in the order they were given. */
    record Outcome(int position, String userId, String state, String reason, String prediction) {
        Reached reached() {
            return switch (state) {
                case "DELIVERED_UNREAD", "READ" -> Reached.YES;
                // Told as another recipient, or not to be told: this entry misses nothing.
                case "DUPLICATE", "EXCLUDED", "SKIPPED" -> Reached.YES;
                // ACCEPTED is DingTalk's "ok", which it says also of what it drops.
                case "QUEUED", "SENDING", "ACCEPTED", "UNKNOWN" -> Reached.NOT_KNOWN;
                case "DROPPED_DUPLICATE", "DROPPED_QUOTA", "INVALID", "FAILED", "UNMATCHED", "SUPPRESSED", "SHADOWED",
                        "REDIRECTED", "EXPIRED", "CANCELLED", "RECALLED" -> Reached.NO;
                // New states may come.
                default -> Reached.NOT_KNOWN;
            };
        }

        /** Whether asking again soon may tell more. */
        boolean open(boolean followUp) {
            return switch (state) {
                case "QUEUED", "SENDING" -> true;
                case "ACCEPTED" -> followUp;
                default -> false;
            };
        }
    }

    /** All outcomes. {@code followUp}: whether dingmirror asks DingTalk what became of what it took. */
    record Report(List<Outcome> outcomes, boolean followUp) {
        boolean open() {
            return outcomes.stream().anyMatch(outcome -> outcome.open(followUp));
        }
    }

    /** A call that gave no answer. {@code code} is stable and meant for programs, the message for people. */
    static final class DingmirrorException extends RuntimeException {
        private static final long serialVersionUID = 1L;
        final String code;
        /** How long whoever answered wants us to wait; null where nothing was said. */
        final Duration retryAfter;

        DingmirrorException(String code, String message) {
            this(code, message, null);
        }

        DingmirrorException(String code, String message, Duration retryAfter) {
            super(message);
            this.code = code;
            this.retryAfter = retryAfter;
        }

        /** Whether the same call may succeed later. Everything else needs someone to change something first. */
        boolean retryable() {
            return switch (code) {
                case "RATE_LIMITED", "TIMEOUT", "UPSTREAM_FAILED", "DATABASE_UNAVAILABLE", "INTERNAL_ERROR", "UNREACHABLE" -> true;
                default -> false;
            };
        }
    }

    /** What a plugin asks of dingmirror. Thread-safe; one for the life of the plugin. */
    static final class Dingmirror {
        /** The most identities that one `resolve` takes. */
        private static final int RESOLVE_LIMIT = 1000;
        private static final int PAGE = 500;

        private final Transport transport;

        Dingmirror(Transport transport) {
            this.transport = transport;
        }

        /** Finds the DingTalk user of each identity; the answer has the order and the length of the question. */
        List<Resolution> resolve(List<Identity> identities) throws InterruptedException {
            List<Resolution> found = new ArrayList<>();
            for (int from = 0; from < identities.size(); from += RESOLVE_LIMIT) {
                List<Identity> batch = identities.subList(from, Math.min(from + RESOLVE_LIMIT, identities.size()));
                Json data = transport.call("""
                        query Resolve($identities: [ConfluenceIdentityInput!]!) {
                          resolve(identities: $identities) {
                            status rule reason user { userId } candidates { userId }
                          }
                        }""", Map.of("identities", inputs(batch)));
                List<Json> answers = data.list("resolve");
                // A wrong number of answers would give people each other's.
                if (answers.size() != batch.size()) throw Json.unexpected("resolve");
                for (int i = 0; i < batch.size(); i++) {
                    Json answer = answers.get(i);
                    Json user = answer.object("user");
                    List<String> candidates = answer.list("candidates").stream().map(it -> it.required("userId")).toList();
                    found.add(new Resolution(batch.get(i), answer.required("status"),
                            user == null ? null : user.required("userId"), answer.text("rule"), candidates,
                            answer.text("reason")));
                }
            }
            return found;
        }

        /**
         * Hands a text message over for delivery. The idempotency key makes the call safe to repeat: after a time-out,
         * a restart or in a job that runs twice, the same key gets the first call's message and nobody is told twice.
         * Derive it from what happened (page id, version, kind of event), not from a random number, if jobs can restart.
         */
        Sent sendText(List<Identity> recipients, String text, String idempotencyKey) throws InterruptedException {
            if (idempotencyKey == null || idempotencyKey.isBlank()) {
                throw new IllegalArgumentException("sendText needs an idempotency key: without one a repeated call, which"
                        + " this client makes after a time-out, is a second message. Derive it from what happened");
            }
            Map<String, Object> input = new LinkedHashMap<>();
            input.put("recipients", Map.of("identities", inputs(recipients)));
            input.put("content", Map.of("text", Map.of("content", text)));
            input.put("idempotencyKey", idempotencyKey);
            Json payload = transport.call("""
                    mutation Send($input: SendMessageInput!) {
                      sendMessage(input: $input) { replayed notices message { id } userErrors { code field message } }
                    }""", Map.of("input", input)).requiredObject("sendMessage");
            for (Json error : payload.list("userErrors")) {
                // What a caller can put right: too long a text, a key used for another message, settings incomplete.
                throw new DingmirrorException(error.required("code"), error.texts("field") + " " + error.text("message"));
            }
            return new Sent(payload.requiredObject("message").required("id"), payload.flag("replayed"),
                    payload.texts("notices"));
        }

        /** The state of every recipient of a message, now. */
        Report outcomes(String messageId) throws InterruptedException {
            List<Outcome> outcomes = new ArrayList<>();
            boolean followUp = false;
            Set<String> seen = new HashSet<>();
            String after = null;
            do {
                Map<String, Object> variables = new LinkedHashMap<>();
                variables.put("id", messageId);
                variables.put("first", PAGE);
                variables.put("after", after);
                Json message = transport.call("""
                        query Outcome($id: ID!, $first: Int!, $after: String) {
                          message(id: $id) {
                            followUp
                            recipients(first: $first, after: $after) {
                              nodes { position userId state reason prediction }
                              pageInfo { hasNextPage endCursor }
                            }
                          }
                        }""", variables).object("message");
                if (message == null) throw new DingmirrorException("NOT_FOUND", "no message " + messageId);
                followUp = "ON".equals(message.text("followUp"));
                Json recipients = message.requiredObject("recipients");
                for (Json recipient : recipients.list("nodes")) {
                    outcomes.add(new Outcome(recipient.number("position"), recipient.text("userId"),
                            recipient.required("state"), recipient.text("reason"), recipient.text("prediction")));
                }
                Json page = recipients.requiredObject("pageInfo");
                after = page.flag("hasNextPage") ? page.required("endCursor") : null;
                // A page that leads to itself would be read for ever.
                if (after != null && !seen.add(after)) throw Json.unexpected("endCursor");
            } while (after != null);
            return new Report(outcomes, followUp);
        }

        /**
         * Asks until DingTalk's result is there for every recipient, or the patience is over; then the states are what
         * they are. dingmirror asks DingTalk some 5 s after it took the message, and again after a minute.
         */
        Report awaitOutcomes(String messageId, Duration patience) throws InterruptedException {
            long deadline = System.nanoTime() + patience.toNanos();
            long pause = 200;
            for (;;) {
                Report report = outcomes(messageId);
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (!report.open() || left <= 0) return report;
                Thread.sleep(Math.min(pause, left));
                pause = Math.min(pause * 2, 2000);
            }
        }

        private static List<Object> inputs(List<Identity> identities) {
            List<Object> inputs = new ArrayList<>();
            for (Identity identity : identities) inputs.add(identity.toInput());
            return inputs;
        }
    }

    /**
     * GraphQL calls over HTTP, with whatever stands in between: each ends in time, with an answer or a
     * {@link DingmirrorException}, whatever comes back.
     */
    static final class Transport {
        private static final int ATTEMPTS = 4;
        /** Whoever wants us to wait for longer than this gets an error: the caller knows better what to do meanwhile. */
        private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
        /** Larger than any answer to what is asked here. */
        private static final int MOST_BYTES = 8 * 1024 * 1024;

        // HTTP/1.1 by choice: over plain http the JDK would ask for an upgrade to HTTP/2, which some proxies refuse.
        private final HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5))
                .build();
        private final HttpRequest.Builder request;
        private final URI endpoint;
        private final Duration timeout;

        /**
         * {@code base} is dingmirror's address, such as http://dingmirror.example.com:8080; {@code timeout} is for one
         * attempt, from connecting to the last byte.
         */
        Transport(String base, String token, Duration timeout) {
            try {
                this.endpoint = URI.create(base.strip().replaceAll("/+$", "") + "/graphql");
                this.request = HttpRequest.newBuilder(endpoint)
                        .header("Content-Type", "application/json")
                        .header("Accept", "application/json")
                        .header("Authorization", "Bearer " + token.strip());
            } catch (IllegalArgumentException e) {
                throw new UsageException("the server's address or the API key cannot be used (an address is like"
                        + " http://dingmirror.example.com:8080, a key is one line)");
            }
            this.timeout = timeout;
        }

        /**
         * One GraphQL call, repeated with growing pauses while repeating can help. Everything here is safe to repeat:
         * queries change nothing, and sendMessage carries its key.
         */
        Json call(String query, Map<String, Object> variables) throws InterruptedException {
            long pause = 500;
            for (int attempt = 1;; attempt++) {
                try {
                    return callOnce(query, variables);
                } catch (DingmirrorException e) {
                    boolean tooLong = e.retryAfter != null && e.retryAfter.compareTo(LONGEST_PAUSE) > 0;
                    if (!e.retryable() || tooLong || attempt == ATTEMPTS) throw e;
                    long asked = e.retryAfter == null ? 0 : e.retryAfter.toMillis();
                    Thread.sleep(Math.max(asked, pause + (long) (Math.random() * pause)));
                    pause *= 2;
                }
            }
        }

        private Json callOnce(String query, Map<String, Object> variables) throws InterruptedException {
            String body = Json.write(Map.of("query", query, "variables", variables));
            HttpResponse<byte[]> response = exchange(request.copy()
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build());
            try {
                Map<?, ?> answer = Json.read(new String(response.body(), StandardCharsets.UTF_8)).fields();
                if (answer.get("errors") instanceof List<?> errors && !errors.isEmpty()) throw told(errors.get(0), response);
                if (answer.get("data") instanceof Map<?, ?> data) return new Json(data);
            } catch (IllegalArgumentException e) {
                // Not JSON: something in between answered. Its status says more than its body.
            }
            throw foreign(response);
        }

        /** An error of dingmirror's, which always has a code, or of whatever else answers with `errors`. */
        private DingmirrorException told(Object error, HttpResponse<byte[]> response) {
            if (error instanceof Map<?, ?> told && told.get("extensions") instanceof Map<?, ?> extensions
                    && extensions.get("code") instanceof String code) {
                return new DingmirrorException(code, String.valueOf(told.get("message")), retryAfter(response));
            }
            return foreign(response);
        }

        /** The whole exchange in time. {@link HttpRequest.Builder#timeout} would end with the headers. */
        private HttpResponse<byte[]> exchange(HttpRequest request) throws InterruptedException {
            CompletableFuture<HttpResponse<byte[]>> exchange = http.sendAsync(request, head -> new Bounded(MOST_BYTES));
            try {
                return exchange.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                throw new DingmirrorException("TIMEOUT", endpoint + ": no complete answer after " + timeout.toSeconds() + " s");
            } catch (ExecutionException e) {
                for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                    if (cause instanceof DingmirrorException ours) throw ours;
                }
                throw new DingmirrorException("UNREACHABLE", endpoint + ": " + e.getCause());
            } finally {
                // Frees the connection where the answer is still on its way; does nothing otherwise.
                exchange.cancel(true);
            }
        }

        /** What an answer means that is not dingmirror's: a proxy's page, a login form, a load balancer's JSON. */
        private DingmirrorException foreign(HttpResponse<byte[]> response) {
            int status = response.statusCode();
            String code = switch (status) {
                case 401, 407 -> "UNAUTHENTICATED";
                case 403 -> "FORBIDDEN";
                case 408, 425 -> "UNREACHABLE";
                case 429 -> "RATE_LIMITED";
                default -> status >= 500 ? "UNREACHABLE" : "BAD_RESPONSE";
            };
            String where = status / 100 == 3 ? ", but a redirection: give the address that it leads to" : "";
            return new DingmirrorException(code, "HTTP " + status + " without GraphQL in it" + where, retryAfter(response));
        }

        /** `Retry-After` in seconds; a date, which HTTP also allows, is too rare to be worth a clock that may differ. */
        private static Duration retryAfter(HttpResponse<byte[]> response) {
            try {
                return response.headers().firstValue("Retry-After").map(String::strip).map(Long::parseLong)
                        .filter(seconds -> seconds >= 0).map(Duration::ofSeconds).orElse(null);
            } catch (NumberFormatException | ArithmeticException e) {
                return null;
            }
        }

        /** A body up to a size: more of it is an error instead of a full memory. */
        private static final class Bounded implements HttpResponse.BodySubscriber<byte[]> {
            private final CompletableFuture<byte[]> body = new CompletableFuture<>();
            private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            private final int most;
            private Flow.Subscription subscription;

            Bounded(int most) {
                this.most = most;
            }

            @Override
            public CompletionStage<byte[]> getBody() {
                return body;
            }

            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                this.subscription = subscription;
                subscription.request(1);
            }

            @Override
            public void onNext(List<ByteBuffer> parts) {
                for (ByteBuffer part : parts) {
                    if (bytes.size() + part.remaining() > most) {
                        subscription.cancel();
                        body.completeExceptionally(new DingmirrorException("BAD_RESPONSE", "the answer is too large"));
                        return;
                    }
                    byte[] copy = new byte[part.remaining()];
                    part.get(copy);
                    bytes.writeBytes(copy);
                }
                subscription.request(1);
            }

            @Override
            public void onError(Throwable problem) {
                body.completeExceptionally(problem);
            }

            @Override
            public void onComplete() {
                body.complete(bytes.toByteArray());
            }
        }
    }

    /** An object of an answer. What is missing or of another kind is an error of the answer, never of the program. */
    record Json(Map<?, ?> fields) {
        static DingmirrorException unexpected(String key) {
            return new DingmirrorException("BAD_RESPONSE", "`" + key + "` in the answer is not what the schema says");
        }

        /** The object that a text is. */
        static Json read(String text) {
            if (Parser.read(text) instanceof Map<?, ?> fields) return new Json(fields);
            throw new IllegalArgumentException("not an object");
        }

        String text(String key) {
            Object value = fields.get(key);
            if (value == null || value instanceof String) return (String) value;
            throw unexpected(key);
        }

        String required(String key) {
            String value = text(key);
            if (value == null) throw unexpected(key);
            return value;
        }

        boolean flag(String key) {
            if (fields.get(key) instanceof Boolean value) return value;
            throw unexpected(key);
        }

        int number(String key) {
            try {
                if (fields.get(key) instanceof BigDecimal value) return value.intValueExact();
            } catch (ArithmeticException e) {
                // Told below.
            }
            throw unexpected(key);
        }

        Json object(String key) {
            Object value = fields.get(key);
            if (value == null) return null;
            if (value instanceof Map<?, ?> inner) return new Json(inner);
            throw unexpected(key);
        }

        Json requiredObject(String key) {
            Json value = object(key);
            if (value == null) throw unexpected(key);
            return value;
        }

        List<Json> list(String key) {
            List<Json> items = new ArrayList<>();
            for (Object item : items(key)) {
                if (!(item instanceof Map<?, ?> inner)) throw unexpected(key);
                items.add(new Json(inner));
            }
            return items;
        }

        List<String> texts(String key) {
            List<String> items = new ArrayList<>();
            for (Object item : items(key)) {
                if (!(item instanceof String text)) throw unexpected(key);
                items.add(text);
            }
            return items;
        }

        private List<?> items(String key) {
            if (fields.get(key) instanceof List<?> list) return list;
            throw unexpected(key);
        }

        static String write(Object value) {
            StringBuilder out = new StringBuilder();
            write(value, out);
            return out.toString();
        }

        private static void write(Object value, StringBuilder out) {
            if (value instanceof Map<?, ?> map) {
                String separator = "{";
                if (map.isEmpty()) out.append('{');
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    out.append(separator);
                    write(entry.getKey().toString(), out);
                    out.append(':');
                    write(entry.getValue(), out);
                    separator = ",";
                }
                out.append('}');
            } else if (value instanceof List<?> list) {
                out.append('[');
                for (int i = 0; i < list.size(); i++) {
                    if (i > 0) out.append(',');
                    write(list.get(i), out);
                }
                out.append(']');
            } else if (value instanceof String string) {
                out.append('"');
                string.codePoints().forEach(c -> {
                    if (c == '"' || c == '\\') out.append('\\').append((char) c);
                    else if (c < 0x20) out.append(String.format("\\u%04x", c));
                    // Half an emoji, say of a text that was cut at its hundredth char: no UTF-8 and no JSON has it.
                    else if (c >= 0xD800 && c <= 0xDFFF) out.append('\uFFFD');
                    else out.appendCodePoint(c);
                });
                out.append('"');
            } else if (value == null || value instanceof Boolean || value instanceof Number) {
                out.append(value);
            } else {
                throw new IllegalArgumentException("no JSON for " + value.getClass());
            }
        }
    }

    /** As much of a JSON parser as this needs: objects are Maps, arrays Lists, numbers BigDecimals, the rest as one expects. */
    private static final class Parser {
        /** Deeper nesting than any answer has; a limit, so that a hostile text cannot exhaust the stack. */
        private static final int DEPTH = 64;

        private final String text;
        private int at;

        private Parser(String text) {
            this.text = text;
        }

        static Object read(String text) {
            Parser parser = new Parser(text);
            Object value = parser.value(0);
            parser.space();
            if (parser.at != text.length()) throw parser.fault("more text after the value");
            return value;
        }

        private Object value(int depth) {
            if (depth > DEPTH) throw fault("nested too deep");
            space();
            if (at == text.length()) throw fault("unexpected end");
            char c = text.charAt(at);
            return switch (c) {
                case '{' -> objectValue(depth);
                case '[' -> listValue(depth);
                case '"' -> string();
                case 't' -> word("true", Boolean.TRUE);
                case 'f' -> word("false", Boolean.FALSE);
                case 'n' -> word("null", null);
                default -> number();
            };
        }

        private Map<String, Object> objectValue(int depth) {
            Map<String, Object> object = new LinkedHashMap<>();
            at++;
            if (skip('}')) return object;
            do {
                space();
                String key = string();
                expect(':');
                object.put(key, value(depth + 1));
            } while (skip(','));
            expect('}');
            return object;
        }

        private List<Object> listValue(int depth) {
            List<Object> list = new ArrayList<>();
            at++;
            if (skip(']')) return list;
            do {
                list.add(value(depth + 1));
            } while (skip(','));
            expect(']');
            return list;
        }

        private String string() {
            if (at == text.length() || text.charAt(at) != '"') throw fault("expected a string");
            StringBuilder out = new StringBuilder();
            for (at++; at < text.length(); at++) {
                char c = text.charAt(at);
                if (c == '"') {
                    at++;
                    return out.toString();
                }
                if (c < 0x20) throw fault("control character in a string");
                out.append(c == '\\' ? escape() : c);
            }
            throw fault("unterminated string");
        }

        private char escape() {
            if (++at == text.length()) throw fault("unterminated escape");
            char c = text.charAt(at);
            switch (c) {
                case '"', '\\', '/':
                    return c;
                case 'b':
                    return '\b';
                case 'f':
                    return '\f';
                case 'n':
                    return '\n';
                case 'r':
                    return '\r';
                case 't':
                    return '\t';
                case 'u':
                    int code = 0;
                    for (int i = 0; i < 4; i++) {
                        int digit = ++at < text.length() ? Character.digit(text.charAt(at), 16) : -1;
                        if (digit < 0) throw fault("bad \\u escape");
                        code = code * 16 + digit;
                    }
                    return (char) code;
                default:
                    throw fault("unknown escape");
            }
        }

        private BigDecimal number() {
            int from = at;
            while (at < text.length() && "+-0123456789.eE".indexOf(text.charAt(at)) >= 0) at++;
            try {
                return new BigDecimal(text.substring(from, at));
            } catch (NumberFormatException e) {
                throw fault("no JSON value");
            }
        }

        private Object word(String word, Object value) {
            if (!text.startsWith(word, at)) throw fault("no JSON value");
            at += word.length();
            return value;
        }

        private void expect(char c) {
            if (!skip(c)) throw fault("expected '" + c + "'");
        }

        private boolean skip(char c) {
            space();
            if (at == text.length() || text.charAt(at) != c) return false;
            at++;
            return true;
        }

        private void space() {
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
        }

        private IllegalArgumentException fault(String what) {
            return new IllegalArgumentException("JSON: " + what + " at " + at);
        }
    }

    private static final class UsageException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UsageException(String message) {
            super(message);
        }
    }

    private static final class Arguments {
        String url = System.getenv("DINGMIRROR_URL");
        String token = either(System.getenv("DINGMIRROR_API_KEY"), System.getenv("DINGMIRROR_TOKEN"));
        String key = UUID.randomUUID().toString();
        String text;
        Duration wait = Duration.ofSeconds(90);
        Duration timeout = Duration.ofSeconds(20);
        final List<Identity> recipients = new ArrayList<>();

        static Arguments read(String[] words) {
            Arguments arguments = new Arguments();
            for (int i = 0; i < words.length; i++) {
                String word = words[i];
                if (!word.startsWith("--")) {
                    arguments.recipients.add(identity(word));
                    continue;
                }
                if (i + 1 == words.length) throw new UsageException(word + " needs a value");
                String value = words[++i];
                switch (word) {
                    case "--url" -> arguments.url = value;
                    case "--api-key", "--token" -> arguments.token = value;
                    case "--key" -> arguments.key = value;
                    case "--text" -> arguments.text = value;
                    case "--wait" -> arguments.wait = seconds(word, value, 0);
                    case "--timeout" -> arguments.timeout = seconds(word, value, 1);
                    default -> throw new UsageException("unknown option " + word);
                }
            }
            if (arguments.url == null) throw new UsageException("no server: --url or DINGMIRROR_URL");
            if (arguments.token == null) throw new UsageException("no API key: --api-key or DINGMIRROR_API_KEY");
            if (arguments.text == null) throw new UsageException("no --text");
            if (arguments.key.isBlank()) throw new UsageException("--key is blank: leave it out for a random one");
            if (arguments.recipients.isEmpty()) throw new UsageException("no recipient");
            return arguments;
        }

        private static String either(String one, String other) {
            return one == null || one.isBlank() ? other : one;
        }

        private static Duration seconds(String word, String value, int least) {
            try {
                int seconds = Integer.parseInt(value);
                if (seconds >= least && seconds <= 86_400) return Duration.ofSeconds(seconds);
            } catch (NumberFormatException e) {
                // Told below.
            }
            throw new UsageException(word + " is a number of seconds, " + least + " to 86400");
        }

        private static Identity identity(String word) {
            int equals = word.indexOf('=');
            if (equals >= 0) return new Identity(word.substring(0, equals), null, null, word.substring(equals + 1), null);
            return word.contains("@") ? new Identity(null, null, null, word, null) : new Identity(word, null, null, null, null);
        }
    }
}
