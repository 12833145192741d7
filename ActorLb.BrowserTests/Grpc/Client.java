import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.EquivalentAddressGroup;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.NameResolver;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

/**
 * java -cp ... Client.java ADDRESS: tries all that calls of samples/gRPC can do, and prints a line for each case; 1 where one went otherwise.
 * java -cp ... Client.java follow FOLDER ADDRESS...: calls any of these addresses, and says so, until FOLDER has a file "stop".
 *
 * A client of grpc-java over Netty (Debian's libgrpc-java), without TLS: Debian's Netty does not offer HTTP/2 in its handshakes. Messages of
 * trial.proto are written and read by hand, so that no compiler of them is needed.
 */
public class Client {
    // No case takes as long: one that hangs ends by it, with another status than it should.
    private static final int PATIENCE = 30_000;
    // As much as servers of gRPC take, with what stands around it.
    private static final int LARGE = 4 * 1024 * 1024 - 64;
    private static final String SPECIAL = "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \ud83d\ude08\t\n";
    // Longer than the shortest time between PINGs that grpc-java takes.
    private static final int SILENCE = 14_000;

    private static final Metadata.Key<String> INITIAL = Metadata.Key.of("trial-initial", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<byte[]> TRAILING = Metadata.Key.of("trial-trailing-bin", Metadata.BINARY_BYTE_MARSHALLER);
    private static final Metadata.Key<byte[]> LONG = Metadata.Key.of("long-bin", Metadata.BINARY_BYTE_MARSHALLER);
    private static final Metadata.Key<byte[]> DETAILS = Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);
    private static final Metadata.Key<String> NAME = Metadata.Key.of("trial-name", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> SESSION = Metadata.Key.of("x-session", Metadata.ASCII_STRING_MARSHALLER);

    private final Channel channel;

    private Client(Channel channel) {
        this.channel = channel;
    }

    public static void main(String[] arguments) throws Exception {
        System.exit(arguments[0].equals("follow")
            ? follow(new File(arguments[1], "stop"), Arrays.asList(arguments).subList(2, arguments.length))
            : tryAll(arguments[0]));
    }

    private static int tryAll(String address) throws Exception {
        ManagedChannel channel = builder(List.of(address)).build();
        ManagedChannel alive = builder(List.of(address))
            .keepAliveTime(10, TimeUnit.SECONDS).keepAliveTimeout(3, TimeUnit.SECONDS).keepAliveWithoutCalls(true).build();
        Client client = new Client(channel);
        Map<String, Runnable> cases = new LinkedHashMap<>();
        cases.put("empty_unary", client::emptyUnary);
        cases.put("large_unary", client::largeUnary);
        cases.put("too_large_unary", client::tooLargeUnary);
        cases.put("compressed_unary", client::compressedUnary);
        cases.put("client_streaming", client::clientStreaming);
        cases.put("server_streaming", client::serverStreaming);
        cases.put("ping_pong", client::pingPong);
        cases.put("empty_stream", client::emptyStream);
        cases.put("many_in_parallel", client::manyInParallel);
        cases.put("reader_that_waits", client::readerThatWaits);
        cases.put("cancel_after_begin", client::cancelAfterBegin);
        cases.put("cancel_reaches_server", client::cancelReachesServer);
        cases.put("deadline", client::deadline);
        cases.put("status", client::status);
        cases.put("status_details", client::statusDetails);
        cases.put("unimplemented", client::unimplemented);
        cases.put("refused", client::refused);
        cases.put("metadata", client::metadata);
        cases.put("health", client::health);
        cases.put("session", client::session);
        cases.put("keepalive", new Client(alive)::keepAlive);
        int code = 0;
        for (Map.Entry<String, Runnable> tried : cases.entrySet()) {
            long began = System.nanoTime();
            try {
                tried.getValue().run();
                System.out.printf("ok %s in %d ms%n", tried.getKey(), (System.nanoTime() - began) / 1_000_000);
            } catch (RuntimeException | AssertionError e) {
                code = 1;
                System.out.printf("failed %s: %s%n", tried.getKey(), e);
            }
        }
        channel.shutdownNow();
        alive.shutdownNow();
        return code;
    }

    /** One connection at a time, and the next address where it ends. Calls that were on their way then are UNAVAILABLE, and nothing else. */
    private static int follow(File stop, List<String> addresses) throws Exception {
        ManagedChannel channel = builder(addresses).build();
        Client client = new Client(channel);
        int done = 0;
        while (!stop.exists()) {
            List<CompletableFuture<Integer>> calls = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                byte[] asked = question(i, i);
                calls.add(CompletableFuture.supplyAsync(() -> {
                    try {
                        ClientCalls.blockingUnaryCall(client.channel, method("Echo", MethodType.UNARY), usual().withWaitForReady(), asked);
                        return 1;
                    } catch (StatusRuntimeException e) {
                        if (e.getStatus().getCode() == Code.UNAVAILABLE) {
                            return 0;
                        }
                        throw e;
                    }
                }));
            }
            for (CompletableFuture<Integer> call : calls) {
                done += call.get();
            }
            System.out.println("done " + done);
        }
        channel.shutdownNow();
        return 0;
    }

    private static NettyChannelBuilder builder(List<String> addresses) {
        return NettyChannelBuilder.forTarget("nodes:///all").nameResolverFactory(new Nodes(addresses))
            .overrideAuthority("localhost").maxInboundMessageSize(8 * 1024 * 1024).usePlaintext();
    }

    private void emptyUnary() {
        same(0, call("Nothing", new byte[0]).length, "the bytes of the answer");
    }

    private void largeUnary() {
        Answer answer = echo(question(LARGE, LARGE));
        same(LARGE, answer.received, "bytes that the server got");
        same(true, Arrays.equals(new byte[LARGE], answer.payload), "the payload is what it should be");
    }

    private void tooLargeUnary() {
        ends(Code.RESOURCE_EXHAUSTED, () -> echo(question(2 * LARGE)));
    }

    private void compressedUnary() {
        byte[] answer = ClientCalls.blockingUnaryCall(
            channel, method("Echo", MethodType.UNARY), usual().withCompression("gzip"), question(LARGE, 9));
        same(LARGE, new Answer(answer).received, "bytes that the server got");
    }

    private void clientStreaming() {
        int[] sizes = {27_182, 8, 1828, 45_904, 3_000_000};
        Answers answers = new Answers();
        StreamObserver<byte[]> questions = ClientCalls.asyncClientStreamingCall(start("Sum", MethodType.CLIENT_STREAMING, usual()), answers);
        for (int size : sizes) {
            questions.onNext(question(size));
        }
        questions.onCompleted();
        same(Arrays.stream(sizes).sum(), answers.next().received, "bytes that the server got");
        same(null, answers.next(), "an answer beyond the first");
    }

    private void serverStreaming() {
        List<Integer> sizes = List.of(31_415, 9, 2653, 58_979, 3_000_000);
        same(sizes, sizesOf(pieces(question(0, sizes.stream().mapToInt(i -> i).toArray()))), "the answers");
    }

    private void pingPong() {
        Answers answers = new Answers();
        StreamObserver<byte[]> questions = talk(answers, usual());
        int sent = 0;
        for (int size : new int[] {27_182, 8, 1828, 45_904}) {
            sent += size;
            questions.onNext(question(size, size + 1));
            Answer answer = answers.next();
            same(sent, answer.received, "bytes that the server got");
            same(size + 1, answer.payload.length, "bytes that the server says");
        }
        questions.onCompleted();
        same(null, answers.next(), "an answer beyond the questions");
    }

    private void emptyStream() {
        Answers answers = new Answers();
        talk(answers, usual()).onCompleted();
        same(null, answers.next(), "an answer to no question");
    }

    private void manyInParallel() {
        // All of them are open before the first is answered to its end.
        Map<Answers, StreamObserver<byte[]>> open = new LinkedHashMap<>();
        for (int i = 0; i < 100; i++) {
            Answers answers = new Answers();
            StreamObserver<byte[]> questions = talk(answers, usual());
            questions.onNext(question(1, 1));
            open.put(answers, questions);
        }
        open.keySet().forEach(answers -> same(1, answers.next().received, "bytes that the server got"));
        open.forEach((answers, questions) -> {
            questions.onCompleted();
            same(null, answers.next(), "an answer beyond the questions");
        });

        List<Answers> calls = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            calls.add(new Answers());
            ClientCalls.asyncUnaryCall(start("Echo", MethodType.UNARY, usual()), question(i, 1000 + i), calls.get(i));
        }
        for (int i = 0; i < calls.size(); i++) {
            Answer answer = calls.get(i).next();
            same(i, answer.received, "bytes that the server got");
            same(1000 + i, answer.payload.length, "bytes that the server says");
        }
    }

    private void readerThatWaits() {
        int[] sizes = new int[64];
        Arrays.fill(sizes, 256 * 1024);
        Iterator<byte[]> slow = pieces(question(0, sizes));
        same(256 * 1024, new Answer(slow.next()).payload.length, "the first answer");
        for (int i = 0; i < 10; i++) {
            same(1, echo(question(1)).received, "bytes that the server got meanwhile");
        }
        same(63, sizesOf(slow).size(), "the other answers");
    }

    private void cancelAfterBegin() {
        Answers answers = new Answers();
        ClientCall<byte[], byte[]> call = start("Sum", MethodType.CLIENT_STREAMING, usual());
        ClientCalls.asyncClientStreamingCall(call, answers);
        call.cancel("not wanted any more", null);
        ends(Code.CANCELLED, answers::next);
    }

    private void cancelReachesServer() {
        String name = UUID.randomUUID().toString();
        Metadata headers = new Metadata();
        headers.put(NAME, name);
        Answers answers = new Answers();
        ClientCall<byte[], byte[]> call = ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers))
            .newCall(method("Talk", MethodType.BIDI_STREAMING), usual());
        ClientCalls.asyncBidiStreamingCall(call, answers).onNext(question(1, 1));
        answers.next();
        call.cancel("not wanted any more", null);
        ends(Code.CANCELLED, answers::next);

        // Behind a balancer it may be another server that says what it knows.
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE);
        while (!fields(call("WasCancelled", text(1, name.getBytes(StandardCharsets.UTF_8)))).containsKey(1)) {
            same(true, System.nanoTime() < until, "a server knows in time that the call was cancelled");
            pause(10);
        }
    }

    private void deadline() {
        byte[] late = text(2, joined(number(1, 1), number(2, PATIENCE)));
        ends(Code.DEADLINE_EXCEEDED, () -> ClientCalls.blockingUnaryCall(
            channel, method("Echo", MethodType.UNARY), CallOptions.DEFAULT.withDeadlineAfter(100, TimeUnit.MILLISECONDS), late));
        int left = echo(question(0)).left;
        same(true, left > 0 && left <= PATIENCE, "the server has some of the time, " + left + " ms");
    }

    private void status() {
        for (String message : List.of("test status message", SPECIAL)) {
            byte[] asked = ending(Code.UNKNOWN, message, "");
            same(message, ends(Code.UNKNOWN, () -> echo(asked)).getStatus().getDescription(), "the message");
            Answers answers = new Answers();
            StreamObserver<byte[]> questions = talk(answers, usual());
            questions.onNext(asked);
            questions.onCompleted();
            same(message, ends(Code.UNKNOWN, answers::next).getStatus().getDescription(), "the message in a stream");
        }

        Iterator<byte[]> pieces = pieces(joined(question(0, 31_415, 9), ending(Code.DATA_LOSS, "there should be more", "")));
        same(31_415, new Answer(pieces.next()).payload.length, "the first answer");
        same(9, new Answer(pieces.next()).payload.length, "the second answer");
        same("there should be more", ends(Code.DATA_LOSS, pieces::next).getStatus().getDescription(), "the message behind the answers");
    }

    private void statusDetails() {
        Metadata trailers = ends(Code.INVALID_ARGUMENT, () -> echo(ending(Code.INVALID_ARGUMENT, "look", "payload"))).getTrailers();
        Map<Integer, Object> detail = fields((byte[]) fields(trailers.get(DETAILS)).get(3));
        same("type.googleapis.com/google.rpc.BadRequest", utf8(detail.get(1)), "the kind of the details");
        same("payload", utf8(fields((byte[]) fields((byte[]) detail.get(2)).get(1)).get(1)), "the field in the details");
    }

    private void unimplemented() {
        ends(Code.UNIMPLEMENTED, () -> call("Missing", new byte[0]));
        ends(Code.UNIMPLEMENTED, () -> call("actorlb.sample.Missing/Nothing", new byte[0]));
    }

    private void refused() {
        String message = ends(Code.PERMISSION_DENIED, () -> call("actorlb.sample.Refused/Echo", question(LARGE))).getStatus().getDescription();
        same(true, message.contains("address-denied"), "the reason's name is in " + message);
        Answers answers = new Answers();
        ClientCalls.asyncBidiStreamingCall(start("actorlb.sample.Refused/Talk", MethodType.BIDI_STREAMING, usual()), answers);
        message = ends(Code.PERMISSION_DENIED, answers::next).getStatus().getDescription();
        same(true, message.contains("address-denied"), "the reason's name is in a stream's " + message);
    }

    private void metadata() {
        byte[] trailing = {(byte) 0xab, (byte) 0xab, (byte) 0xab, 0, (byte) 0xff};
        Metadata sent = new Metadata();
        sent.put(INITIAL, "a value, and another");
        sent.put(TRAILING, trailing);
        sent.put(LONG, new byte[6000]);
        for (MethodType type : List.of(MethodType.UNARY, MethodType.BIDI_STREAMING)) {
            AtomicReference<Metadata> headers = new AtomicReference<>();
            AtomicReference<Metadata> trailers = new AtomicReference<>();
            Channel with = ClientInterceptors.intercept(
                channel, MetadataUtils.newAttachHeadersInterceptor(sent), MetadataUtils.newCaptureMetadataInterceptor(headers, trailers));
            if (type == MethodType.UNARY) {
                ClientCalls.blockingUnaryCall(with, method("Echo", type), usual(), question(1));
            } else {
                Answers answers = new Answers();
                ClientCalls.asyncBidiStreamingCall(with.newCall(method("Talk", type), usual()), answers).onCompleted();
                same(null, answers.next(), "an answer to no question");
            }
            same("a value, and another", headers.get().get(INITIAL), "the metadata before the answer");
            same(true, Arrays.equals(trailing, trailers.get().get(TRAILING)), "the metadata behind the answer is what it should be");
        }
    }

    private void health() {
        same(1, (int) (long) fields(call("grpc.health.v1.Health/Check", new byte[0])).get(1), "the health of a server");
        ends(Code.NOT_FOUND, () -> call("grpc.health.v1.Health/Check", text(1, "nobody's".getBytes(StandardCharsets.UTF_8))));
    }

    private void session() {
        AtomicReference<Metadata> headers = new AtomicReference<>();
        Channel first = ClientInterceptors.intercept(channel, MetadataUtils.newCaptureMetadataInterceptor(headers, new AtomicReference<>()));
        String server = new Answer(ClientCalls.blockingUnaryCall(first, method("Echo", MethodType.UNARY), usual(), question(0))).server;
        Metadata ticket = new Metadata();
        ticket.put(SESSION, headers.get().get(SESSION));
        Channel later = ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(ticket));
        for (int i = 0; i < 12; i++) {
            byte[] answer = ClientCalls.blockingUnaryCall(later, method("Echo", MethodType.UNARY), usual(), question(0));
            same(server, new Answer(answer).server, "the server of a session");
        }
    }

    private void keepAlive() {
        same(1, echo(text(2, joined(number(1, 1), number(2, SILENCE)))).payload.length, "bytes after a silence");
    }

    private static MethodDescriptor<byte[], byte[]> method(String name, MethodType type) {
        return MethodDescriptor.newBuilder(new Plain(), new Plain()).setType(type)
            .setFullMethodName(name.contains("/") ? name : "actorlb.sample.Trial/" + name).build();
    }

    private static CallOptions usual() {
        return CallOptions.DEFAULT.withDeadlineAfter(PATIENCE, TimeUnit.MILLISECONDS);
    }

    private ClientCall<byte[], byte[]> start(String name, MethodType type, CallOptions options) {
        return channel.newCall(method(name, type), options);
    }

    private byte[] call(String name, byte[] message) {
        return ClientCalls.blockingUnaryCall(channel, method(name, MethodType.UNARY), usual(), message);
    }

    private Answer echo(byte[] question) {
        return new Answer(call("Echo", question));
    }

    private Iterator<byte[]> pieces(byte[] question) {
        return ClientCalls.blockingServerStreamingCall(channel, method("Pieces", MethodType.SERVER_STREAMING), usual(), question);
    }

    private StreamObserver<byte[]> talk(Answers answers, CallOptions options) {
        return ClientCalls.asyncBidiStreamingCall(start("Talk", MethodType.BIDI_STREAMING, options), answers);
    }

    private static List<Integer> sizesOf(Iterator<byte[]> answers) {
        List<Integer> sizes = new ArrayList<>();
        answers.forEachRemaining(answer -> sizes.add(new Answer(answer).payload.length));
        return sizes;
    }

    private static void pause(int milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void same(Object expected, Object actual, String what) {
        if (!Objects.equals(expected, actual)) {
            throw new AssertionError(what + ": " + expected + ", and not " + actual);
        }
    }

    private static StatusRuntimeException ends(Code code, Runnable call) {
        try {
            call.run();
        } catch (StatusRuntimeException e) {
            same(code, e.getStatus().getCode(), "the status of " + e.getStatus());
            return e;
        }
        throw new AssertionError("the status is " + code + ", and not OK");
    }

    private static byte[] varint(long value) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (; value > 0x7f; value >>>= 7) {
            bytes.write((int) (value & 0x7f | 0x80));
        }
        bytes.write((int) value);
        return bytes.toByteArray();
    }

    private static byte[] number(int field, long value) {
        return joined(varint(field << 3), varint(value));
    }

    private static byte[] text(int field, byte[] value) {
        return joined(varint(field << 3 | 2), varint(value.length), value);
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            bytes.writeBytes(part);
        }
        return bytes.toByteArray();
    }

    private static byte[] question(int size, int... pieces) {
        byte[] message = text(1, new byte[size]);
        for (int piece : pieces) {
            message = joined(message, text(2, number(1, piece)));
        }
        return message;
    }

    private static byte[] ending(Code code, String message, String field) {
        return text(3, joined(
            number(1, code.value()), text(2, message.getBytes(StandardCharsets.UTF_8)), text(3, field.getBytes(StandardCharsets.UTF_8))));
    }

    /** The last value of each field: a Long, or bytes. */
    private static Map<Integer, Object> fields(byte[] message) {
        Map<Integer, Object> found = new HashMap<>();
        ByteArrayInputStream bytes = new ByteArrayInputStream(message);
        while (bytes.available() > 0) {
            long tag = readVarint(bytes);
            long value = readVarint(bytes);
            try {
                found.put((int) (tag >> 3), (tag & 7) == 2 ? (Object) bytes.readNBytes((int) value) : (Object) value);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return found;
    }

    private static long readVarint(ByteArrayInputStream bytes) {
        long value = 0;
        for (int shift = 0;; shift += 7) {
            int next = bytes.read();
            value |= (long) (next & 0x7f) << shift;
            if (next < 0x80) {
                return value;
            }
        }
    }

    private static String utf8(Object bytes) {
        return new String((byte[]) bytes, StandardCharsets.UTF_8);
    }

    private static final class Answer {
        final byte[] payload;
        final String server;
        final int received;
        final int left;

        Answer(byte[] message) {
            Map<Integer, Object> found = fields(message);
            payload = (byte[]) found.getOrDefault(1, new byte[0]);
            server = utf8(found.getOrDefault(2, new byte[0]));
            received = (int) (long) found.getOrDefault(3, 0L);
            left = (int) (long) found.getOrDefault(4, 0L);
        }
    }

    /** What comes back in a stream, for a thread that waits for it. */
    private static final class Answers implements StreamObserver<byte[]> {
        private final LinkedBlockingQueue<Object> come = new LinkedBlockingQueue<>();

        /** Null behind the last one. */
        Answer next() {
            try {
                Object next = come.poll(2 * PATIENCE, TimeUnit.MILLISECONDS);
                if (next instanceof StatusRuntimeException) {
                    throw (StatusRuntimeException) next;
                }
                same(true, next != null, "something comes");
                return next instanceof byte[] ? new Answer((byte[]) next) : null;
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void onNext(byte[] answer) {
            come.add(answer);
        }

        @Override
        public void onError(Throwable error) {
            come.add(error);
        }

        @Override
        public void onCompleted() {
            come.add("completed");
        }
    }

    /** Messages as they are. */
    private static final class Plain implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** The addresses of all nodes. */
    private static final class Nodes extends NameResolver.Factory {
        private final List<EquivalentAddressGroup> addresses;

        Nodes(List<String> addresses) {
            this.addresses = addresses.stream().map(address -> {
                int colon = address.lastIndexOf(':');
                return new EquivalentAddressGroup(new InetSocketAddress(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))));
            }).collect(Collectors.toList());
        }

        @Override
        public NameResolver newNameResolver(URI target, NameResolver.Args arguments) {
            return new NameResolver() {
                @Override
                public String getServiceAuthority() {
                    return "localhost";
                }

                @Override
                public void start(Listener2 listener) {
                    listener.onResult(ResolutionResult.newBuilder().setAddresses(addresses).build());
                }

                @Override
                public void shutdown() {
                }
            };
        }

        @Override
        public String getDefaultScheme() {
            return "nodes";
        }
    }
}
