import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Tells Confluence users something in DingTalk, through dingmirror. One file, Java 17, nothing but the JDK: run it as
 * it is, or copy the class {@link Dingmirror} (with {@link Json}) into a plugin.
 *
 * <pre>
 *   export DINGMIRROR_URL=http://127.0.0.1:8080 DINGMIRROR_TOKEN=$(dingmirror token --permission identity:read \
 *       --permission message:send --permission message:read --permission directory:read)
 *   java DingmirrorClient.java --text "The release plan has changed" wang.wei@example.com li.na=li.na@example.com
 * </pre>
 *
 * A recipient is an e-mail address, a Confluence username, or username=e-mail. The exit code is 0 when DingTalk took the
 * message for everyone, 1 when someone was not reached, 2 when the call itself failed.
 */
public final class DingmirrorClient {

    public static void main(String[] arguments) throws InterruptedException {
        try {
            System.exit(run(Arguments.read(arguments)) ? 0 : 1);
        } catch (UsageException e) {
            System.err.println(e.getMessage());
            System.err.println("usage: java DingmirrorClient.java [--url URL] [--token TOKEN] [--key IDEMPOTENCY-KEY] --text TEXT RECIPIENT...");
            System.exit(2);
        } catch (DingmirrorException e) {
            System.err.println("failed: " + e.code + ": " + e.getMessage());
            System.exit(2);
        }
    }

    private static boolean run(Arguments arguments) throws InterruptedException {
        Dingmirror dingmirror = new Dingmirror(URI.create(arguments.url), arguments.token);

        // 1. Who are they? One call for all of them, answered in the order asked. `sendMessage` resolves too, so a
        //    plugin needs this only where it wants to know beforehand: here, whom to tell some other way.
        for (Resolution resolution : dingmirror.resolve(arguments.recipients)) {
            System.out.printf("resolve %s: %s %s (%s) -> %s%n", resolution.identity().label(), resolution.status(),
                    resolution.userId() == null ? "-" : resolution.userId(), advice(resolution), decide(resolution));
        }

        // 2. Send. The same key may be sent as often as needed: the message goes out once.
        Sent sent = dingmirror.sendText(arguments.recipients, arguments.text, arguments.key);
        System.out.printf("sent %s key %s%s%n", sent.messageId(), arguments.key, sent.replayed() ? " (replayed)" : "");

        // 3. What became of it, per recipient? sendMessage answers before delivery, so ask until nothing is open.
        List<Outcome> outcomes = dingmirror.awaitOutcomes(sent.messageId(), Duration.ofSeconds(30));
        boolean everyone = true;
        for (Outcome outcome : outcomes) {
            System.out.printf("outcome %d %s: %s (%s)%n", outcome.position(),
                    outcome.userId() == null ? "-" : outcome.userId(), outcome.state(), advice(outcome));
            everyone &= outcome.taken();
        }
        return everyone;
    }

    /** What a plugin does with a Confluence user: the ways by which it tells him, and whether an administrator must look. */
    enum Decision {
        /** A DingTalk message reaches him. */
        DINGTALK,
        /** It reaches him still, and somebody should look: he may have left. */
        DINGTALK_AND_ADMINISTRATOR,
        /** Nothing reaches him in DingTalk, and no link would change that: mail him, or say nothing. */
        MAIL,
        /** Nothing reaches him until an administrator links him by hand (`linkIdentity`): mail him meanwhile. */
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
        return switch (outcome.state()) {
            case "QUEUED", "SENDING" -> "still under way: ask again later, do not send again";
            case "ACCEPTED" -> "DingTalk has taken it";
            case "DELIVERED_UNREAD" -> "delivered, not read yet";
            case "READ" -> "read";
            case "DROPPED_DUPLICATE" -> "DingTalk drops the same text to the same person on the same day: " + why;
            case "DROPPED_QUOTA" -> "this person's quota for today is used up: " + why;
            case "INVALID" -> "DingTalk does not accept this recipient: " + why;
            case "FAILED" -> "failed for good: " + why;
            case "UNKNOWN" -> "the connection broke while sending, it may have arrived: " + why;
            case "UNMATCHED" -> "no DingTalk user: " + why;
            case "SUPPRESSED" -> "sending is switched off in the settings: " + why;
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

    /** The accepted message. {@code replayed}: the key was known, and this is the message of the first call. */
    record Sent(String messageId, boolean replayed) {}

    /** What became of the message for one recipient, in the order they were given. */
    record Outcome(int position, String userId, String state, String reason) {
        boolean open() {
            return state.equals("QUEUED") || state.equals("SENDING");
        }

        boolean taken() {
            return state.equals("ACCEPTED") || state.equals("DELIVERED_UNREAD") || state.equals("READ");
        }
    }

    /** A call that gave no answer. {@code code} is stable and meant for programs, the message for people. */
    static final class DingmirrorException extends RuntimeException {
        private static final long serialVersionUID = 1L;
        final String code;

        DingmirrorException(String code, String message) {
            super(message);
            this.code = code;
        }

        /** Whether the same call may succeed later. Everything else needs someone to change something first. */
        boolean retryable() {
            return switch (code) {
                case "RATE_LIMITED", "TIMEOUT", "UPSTREAM_FAILED", "INTERNAL_ERROR", "UNREACHABLE" -> true;
                default -> false;
            };
        }
    }

    /** The client. Thread-safe; one for the life of the plugin. */
    static final class Dingmirror {
        /** The most identities that one `resolve` takes. */
        private static final int RESOLVE_LIMIT = 1000;
        private static final int PAGE = 500;
        private static final int ATTEMPTS = 4;

        // HTTP/1.1 by choice: over plain http the JDK would ask for an upgrade to HTTP/2, which some proxies refuse.
        private final HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5))
                .build();
        private final URI endpoint;
        private final String token;

        /** {@code base} is dingmirror's address, such as http://dingmirror.example.com:8080. */
        Dingmirror(URI base, String token) {
            this.endpoint = URI.create(base.toString().replaceAll("/+$", "") + "/graphql");
            this.token = token;
        }

        /** Finds the DingTalk user of each identity; the answer has the order and the length of the question. */
        List<Resolution> resolve(List<Identity> identities) throws InterruptedException {
            List<Resolution> found = new ArrayList<>();
            for (int from = 0; from < identities.size(); from += RESOLVE_LIMIT) {
                List<Identity> batch = identities.subList(from, Math.min(from + RESOLVE_LIMIT, identities.size()));
                Map<String, Object> data = call("""
                        query Resolve($identities: [ConfluenceIdentityInput!]!) {
                          resolve(identities: $identities) {
                            status rule reason user { userId } candidates { userId }
                          }
                        }""", Map.of("identities", inputs(batch)));
                List<Object> answers = Json.list(data.get("resolve"));
                for (int i = 0; i < batch.size(); i++) {
                    Map<String, Object> answer = Json.object(answers.get(i));
                    Map<String, Object> user = Json.object(answer.get("user"));
                    List<String> candidates = new ArrayList<>();
                    for (Object candidate : Json.list(answer.get("candidates"))) {
                        candidates.add(Json.text(Json.object(candidate), "userId"));
                    }
                    found.add(new Resolution(batch.get(i), Json.text(answer, "status"),
                            user == null ? null : Json.text(user, "userId"), Json.text(answer, "rule"), candidates,
                            Json.text(answer, "reason")));
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
            Map<String, Object> input = new LinkedHashMap<>();
            input.put("recipients", Map.of("identities", inputs(recipients)));
            input.put("content", Map.of("text", Map.of("content", text)));
            input.put("idempotencyKey", idempotencyKey);
            Map<String, Object> data = call("""
                    mutation Send($input: SendMessageInput!) {
                      sendMessage(input: $input) { replayed message { id } userErrors { code field message } }
                    }""", Map.of("input", input));
            Map<String, Object> payload = Json.object(data.get("sendMessage"));
            List<Object> userErrors = Json.list(payload.get("userErrors"));
            if (!userErrors.isEmpty()) {
                // What a caller can put right: too long a text, a key used for another message, settings incomplete.
                Map<String, Object> first = Json.object(userErrors.get(0));
                throw new DingmirrorException(Json.text(first, "code"), first.get("field") + " " + first.get("message"));
            }
            return new Sent(Json.text(Json.object(payload.get("message")), "id"), (Boolean) payload.get("replayed"));
        }

        /** The state of every recipient of a message, now. */
        List<Outcome> outcomes(String messageId) throws InterruptedException {
            List<Outcome> outcomes = new ArrayList<>();
            String after = null;
            do {
                Map<String, Object> variables = new LinkedHashMap<>();
                variables.put("id", messageId);
                variables.put("first", PAGE);
                variables.put("after", after);
                Map<String, Object> data = call("""
                        query Outcome($id: ID!, $first: Int!, $after: String) {
                          message(id: $id) {
                            recipients(first: $first, after: $after) {
                              nodes { position userId state reason }
                              pageInfo { hasNextPage endCursor }
                            }
                          }
                        }""", variables);
                Map<String, Object> message = Json.object(data.get("message"));
                if (message == null) throw new DingmirrorException("NOT_FOUND", "no message " + messageId);
                Map<String, Object> recipients = Json.object(message.get("recipients"));
                for (Object node : Json.list(recipients.get("nodes"))) {
                    Map<String, Object> recipient = Json.object(node);
                    outcomes.add(new Outcome(((BigDecimal) recipient.get("position")).intValueExact(),
                            Json.text(recipient, "userId"), Json.text(recipient, "state"), Json.text(recipient, "reason")));
                }
                Map<String, Object> page = Json.object(recipients.get("pageInfo"));
                after = Boolean.TRUE.equals(page.get("hasNextPage")) ? Json.text(page, "endCursor") : null;
            } while (after != null);
            return outcomes;
        }

        /** Asks until no recipient is open any more or the patience is over; then the states are what they are. */
        List<Outcome> awaitOutcomes(String messageId, Duration patience) throws InterruptedException {
            long deadline = System.nanoTime() + patience.toNanos();
            long pause = 200;
            for (;;) {
                List<Outcome> outcomes = outcomes(messageId);
                if (outcomes.stream().noneMatch(Outcome::open) || System.nanoTime() > deadline) return outcomes;
                Thread.sleep(pause);
                pause = Math.min(pause * 2, 2000);
            }
        }

        private static List<Object> inputs(List<Identity> identities) {
            List<Object> inputs = new ArrayList<>();
            for (Identity identity : identities) inputs.add(identity.toInput());
            return inputs;
        }

        /**
         * One GraphQL call, repeated with growing pauses while repeating can help. Everything here is safe to repeat:
         * queries change nothing, and sendMessage carries its key.
         */
        private Map<String, Object> call(String query, Map<String, Object> variables) throws InterruptedException {
            long pause = 500;
            for (int attempt = 1;; attempt++) {
                try {
                    return callOnce(query, variables);
                } catch (DingmirrorException e) {
                    if (!e.retryable() || attempt == ATTEMPTS) throw e;
                    Thread.sleep(pause + (long) (Math.random() * pause));
                    pause *= 2;
                }
            }
        }

        private Map<String, Object> callOnce(String query, Map<String, Object> variables) throws InterruptedException {
            String body = Json.write(Map.of("query", query, "variables", variables));
            HttpRequest request = HttpRequest.newBuilder(endpoint)
                    .timeout(Duration.ofSeconds(20))
                    .header("Content-Type", "application/json")
                    .header("Accept", "application/json")
                    .header("Authorization", "Bearer " + token)
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build();
            HttpResponse<String> response;
            try {
                response = http.send(request, HttpResponse.BodyHandlers.ofString());
            } catch (IOException e) {
                throw new DingmirrorException("UNREACHABLE", endpoint + ": " + e);
            }
            Map<String, Object> answer;
            try {
                answer = Json.object(Json.read(response.body()));
            } catch (IllegalArgumentException | ClassCastException e) {
                // A proxy in between answers in HTML: 5xx may pass, the rest will not.
                throw new DingmirrorException(response.statusCode() >= 500 ? "UNREACHABLE" : "BAD_REQUEST",
                        "HTTP " + response.statusCode() + " without GraphQL in it");
            }
            List<Object> errors = Json.list(answer.get("errors"));
            if (errors != null && !errors.isEmpty()) {
                Map<String, Object> first = Json.object(errors.get(0));
                Map<String, Object> extensions = Json.object(first.get("extensions"));
                String code = extensions == null ? "INTERNAL_ERROR" : Json.text(extensions, "code");
                throw new DingmirrorException(code == null ? "INTERNAL_ERROR" : code, Json.text(first, "message"));
            }
            return Json.object(answer.get("data"));
        }
    }

    /** As much JSON as this needs: objects are Maps, arrays Lists, numbers BigDecimals, the rest as one expects. */
    static final class Json {
        /** Deeper nesting than any answer has; a limit, so that a hostile text cannot exhaust the stack. */
        private static final int DEPTH = 64;

        private final String text;
        private int at;

        private Json(String text) {
            this.text = text;
        }

        static Object read(String text) {
            Json json = new Json(text);
            Object value = json.value(0);
            json.space();
            if (json.at != text.length()) throw json.fault("more text after the value");
            return value;
        }

        @SuppressWarnings("unchecked")
        static Map<String, Object> object(Object value) {
            return (Map<String, Object>) value;
        }

        @SuppressWarnings("unchecked")
        static List<Object> list(Object value) {
            return (List<Object>) value;
        }

        static String text(Map<String, Object> object, String key) {
            return (String) object.get(key);
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
                for (char c : string.toCharArray()) {
                    if (c == '"' || c == '\\') out.append('\\').append(c);
                    // A lone surrogate has no UTF-8: escaped, it at least arrives as what it is.
                    else if (c < 0x20 || Character.isSurrogate(c)) out.append(String.format("\\u%04x", (int) c));
                    else out.append(c);
                }
                out.append('"');
            } else if (value == null || value instanceof Boolean || value instanceof Number) {
                out.append(value);
            } else {
                throw new IllegalArgumentException("no JSON for " + value.getClass());
            }
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
        String token = System.getenv("DINGMIRROR_TOKEN");
        String key = UUID.randomUUID().toString();
        String text;
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
                    case "--token" -> arguments.token = value;
                    case "--key" -> arguments.key = value;
                    case "--text" -> arguments.text = value;
                    default -> throw new UsageException("unknown option " + word);
                }
            }
            if (arguments.url == null) throw new UsageException("no server: --url or DINGMIRROR_URL");
            if (arguments.token == null) throw new UsageException("no token: --token or DINGMIRROR_TOKEN");
            if (arguments.text == null) throw new UsageException("no --text");
            if (arguments.recipients.isEmpty()) throw new UsageException("no recipient");
            return arguments;
        }

        private static Identity identity(String word) {
            int equals = word.indexOf('=');
            if (equals >= 0) return new Identity(word.substring(0, equals), null, null, word.substring(equals + 1), null);
            return word.contains("@") ? new Identity(null, null, null, word, null) : new Identity(word, null, null, null, null);
        }
    }
}
