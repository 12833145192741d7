using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;

namespace GrpcSample;

/// <summary>One thing that a call can do. It throws where that went otherwise.</summary>
internal sealed record InteropCase(string Name, Func<GrpcChannel, Task> RunAsync);

/// <summary>In the manner of gRPC's interoperability tests, with the sample's own service.</summary>
internal static class InteropCases
{
    // No case takes as long: one that hangs ends by it, with another status than it should.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly int[] QuestionBytes = [27_182, 8, 1828, 45_904];
    private static readonly int[] AnswerBytes = [31_415, 9, 2653, 58_979];

    private const string Special = "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \U0001f608\t\n";

    public static readonly InteropCase[] All =
    [
        new("empty_unary", EmptyUnaryAsync),
        new("large_unary", LargeUnaryAsync),
        new("client_streaming", ClientStreamingAsync),
        new("server_streaming", ServerStreamingAsync),
        new("ping_pong", PingPongAsync),
        new("empty_stream", EmptyStreamAsync),
        new("cancel_after_begin", CancelAfterBeginAsync),
        new("cancel_after_first_response", CancelAfterFirstResponseAsync),
        new("cancel_reaches_server", CancelReachesServerAsync),
        new("timeout_on_sleeping_server", TimeoutOnSleepingServerAsync),
        new("deadline_reaches_server", DeadlineReachesServerAsync),
        new("status_code_and_message", StatusCodeAndMessageAsync),
        new("special_status_message", SpecialStatusMessageAsync),
        new("status_after_messages", StatusAfterMessagesAsync),
        new("status_details", StatusDetailsAsync),
        new("unimplemented_method", UnimplementedMethodAsync),
        new("unimplemented_service", UnimplementedServiceAsync),
        new("custom_metadata", CustomMetadataAsync),
        new("health_check", HealthCheckAsync),
        new("health_watch", HealthWatchAsync),
    ];

    private static async Task EmptyUnaryAsync(GrpcChannel channel) => Same(new Empty(), await Trials(channel).NothingAsync(new Empty(), Usual()), "the answer");

    private static async Task LargeUnaryAsync(GrpcChannel channel)
    {
        Answer answer = await Trials(channel).EchoAsync(Ask(271_828, 314_159), Usual());
        Same(271_828L, answer.ReceivedBytes, "bytes that the server got");
        Same(Zeros(314_159), answer.Payload, "the payload");
    }

    private static async Task ClientStreamingAsync(GrpcChannel channel)
    {
        using AsyncClientStreamingCall<Question, Answer> call = Trials(channel).Sum(Usual());
        foreach (int bytes in QuestionBytes)
            await call.RequestStream.WriteAsync(Ask(bytes));
        await call.RequestStream.CompleteAsync();
        Same((long)QuestionBytes.Sum(), (await call).ReceivedBytes, "bytes that the server got");
    }

    private static async Task ServerStreamingAsync(GrpcChannel channel)
    {
        using AsyncServerStreamingCall<Answer> call = Trials(channel).Pieces(Ask(0, AnswerBytes), Usual());
        await ReadAsync(call.ResponseStream, AnswerBytes);
        Same(StatusCode.OK, call.GetStatus().StatusCode, "the status");
    }

    private static async Task PingPongAsync(GrpcChannel channel)
    {
        using AsyncDuplexStreamingCall<Question, Answer> call = Trials(channel).Talk(Usual());
        long sent = 0;
        foreach ((int question, int answer) in QuestionBytes.Zip(AnswerBytes))
        {
            sent += question;
            await call.RequestStream.WriteAsync(Ask(question, answer));
            True(await call.ResponseStream.MoveNext(), "there is an answer to each question");
            Same(Zeros(answer), call.ResponseStream.Current.Payload, "the payload");
            Same(sent, call.ResponseStream.Current.ReceivedBytes, "bytes that the server got");
        }

        await call.RequestStream.CompleteAsync();
        True(!await call.ResponseStream.MoveNext(), "there are no more answers than questions");
    }

    private static async Task EmptyStreamAsync(GrpcChannel channel)
    {
        using AsyncDuplexStreamingCall<Question, Answer> call = Trials(channel).Talk(Usual());
        await call.RequestStream.CompleteAsync();
        True(!await call.ResponseStream.MoveNext(), "there is no answer to no question");
        Same(StatusCode.OK, call.GetStatus().StatusCode, "the status");
    }

    private static async Task CancelAfterBeginAsync(GrpcChannel channel)
    {
        using var cancellation = new CancellationTokenSource();
        using AsyncClientStreamingCall<Question, Answer> call = Trials(channel).Sum(Usual().WithCancellationToken(cancellation.Token));

        await cancellation.CancelAsync();
        await EndsAsync(StatusCode.Cancelled, () => call.ResponseAsync);
    }

    private static async Task CancelAfterFirstResponseAsync(GrpcChannel channel)
    {
        using var cancellation = new CancellationTokenSource();
        using AsyncDuplexStreamingCall<Question, Answer> call = Trials(channel).Talk(Usual().WithCancellationToken(cancellation.Token));
        await call.RequestStream.WriteAsync(Ask(27_182, 31_415));
        True(await call.ResponseStream.MoveNext(), "there is an answer");
        await cancellation.CancelAsync();
        await EndsAsync(StatusCode.Cancelled, () => call.ResponseStream.MoveNext());
    }

    private static async Task CancelReachesServerAsync(GrpcChannel channel)
    {
        using var cancellation = new CancellationTokenSource();
        var call = new Call { Name = Guid.NewGuid().ToString() };
        CallOptions options = Usual().WithCancellationToken(cancellation.Token).WithHeaders([new(TrialService.Name, call.Name)]);
        using AsyncDuplexStreamingCall<Question, Answer> talk = Trials(channel).Talk(options);
        await talk.RequestStream.WriteAsync(Ask(1, 1));
        True(await talk.ResponseStream.MoveNext(), "there is an answer");
        await cancellation.CancelAsync();

        // Behind a balancer it may be another server that says what it knows.
        CallOptions usual = Usual();
        while (!(await Trials(channel).WasCancelledAsync(call, usual)).Yes)
            await Task.Delay(TimeSpan.FromMilliseconds(10));
    }

    private static async Task TimeoutOnSleepingServerAsync(GrpcChannel channel)
    {
        var question = new Question { Pieces = { new Piece { AfterMilliseconds = (int)Patience.TotalMilliseconds } } };
        using AsyncServerStreamingCall<Answer> call = Trials(channel).Pieces(question, deadline: DateTime.UtcNow.AddMilliseconds(50));
        await EndsAsync(StatusCode.DeadlineExceeded, () => call.ResponseStream.MoveNext());
    }

    private static async Task DeadlineReachesServerAsync(GrpcChannel channel)
    {
        Answer answer = await Trials(channel).EchoAsync(new Question(), Usual());
        True(
            answer.LeftMilliseconds > 0 && answer.LeftMilliseconds <= Patience.TotalMilliseconds,
            $"the server has up to {Patience.TotalMilliseconds} ms left, and not {answer.LeftMilliseconds}");
    }

    private static async Task StatusCodeAndMessageAsync(GrpcChannel channel)
    {
        await StatusAsync(channel, "test status message");
        using AsyncDuplexStreamingCall<Question, Answer> call = Trials(channel).Talk(Usual());
        await call.RequestStream.WriteAsync(new Question { Ending = new Ending { Code = 2, Message = "test status message" } });
        await call.RequestStream.CompleteAsync();
        RpcException e = await EndsAsync(StatusCode.Unknown, () => call.ResponseStream.MoveNext());
        Same("test status message", e.Status.Detail, "the message");
    }

    private static Task SpecialStatusMessageAsync(GrpcChannel channel) => StatusAsync(channel, Special);

    private static async Task StatusAsync(GrpcChannel channel, string message)
    {
        var question = new Question { Ending = new Ending { Code = 2, Message = message } };
        RpcException e = await EndsAsync(StatusCode.Unknown, async () => await Trials(channel).EchoAsync(question, Usual()));
        Same(message, e.Status.Detail, "the message");
    }

    private static async Task StatusAfterMessagesAsync(GrpcChannel channel)
    {
        Question question = Ask(0, AnswerBytes);
        question.Ending = new Ending { Code = (int)StatusCode.DataLoss, Message = "there should be more" };
        using AsyncServerStreamingCall<Answer> call = Trials(channel).Pieces(question, Usual());
        RpcException e = await EndsAsync(StatusCode.DataLoss, () => ReadAsync(call.ResponseStream, AnswerBytes));
        Same("there should be more", e.Status.Detail, "the message");
    }

    private static async Task StatusDetailsAsync(GrpcChannel channel)
    {
        var question = new Question { Ending = new Ending { Code = (int)StatusCode.InvalidArgument, Message = "look at the details", WrongField = "payload" } };
        RpcException e = await EndsAsync(StatusCode.InvalidArgument, async () => await Trials(channel).EchoAsync(question, Usual()));
        Same("payload", e.GetRpcStatus()?.GetDetail<BadRequest>()?.FieldViolations.Single().Field, "the field in the details");
    }

    private static async Task UnimplementedMethodAsync(GrpcChannel channel) =>
        await EndsAsync(StatusCode.Unimplemented, async () => await Trials(channel).MissingAsync(new Empty(), Usual()));

    private static async Task UnimplementedServiceAsync(GrpcChannel channel)
    {
        Marshaller<Empty> empty = Marshallers.Create(m => m.ToByteArray(), Empty.Parser.ParseFrom);
        var method = new Method<Empty, Empty>(MethodType.Unary, "actorlb.sample.Missing", "Nothing", empty, empty);
        await EndsAsync(StatusCode.Unimplemented, async () => await channel.CreateCallInvoker().AsyncUnaryCall(method, null, Usual(), new Empty()));
    }

    private static async Task CustomMetadataAsync(GrpcChannel channel)
    {
        byte[] trailing = [0xab, 0xab, 0xab, 0, 0xff];
        CallOptions options = Usual().WithHeaders([new(TrialService.Initial, "test_initial_metadata_value"), new(TrialService.Trailing, trailing)]);
        using AsyncUnaryCall<Answer> unary = Trials(channel).EchoAsync(Ask(271_828, 314_159), options);
        CheckMetadata(await unary.ResponseHeadersAsync, await TrailersAsync());

        using AsyncDuplexStreamingCall<Question, Answer> talk = Trials(channel).Talk(options);
        await talk.RequestStream.WriteAsync(Ask(271_828, 314_159));
        await talk.RequestStream.CompleteAsync();
        await ReadAsync(talk.ResponseStream, 314_159);
        CheckMetadata(await talk.ResponseHeadersAsync, talk.GetTrailers());

        async Task<Metadata> TrailersAsync()
        {
            await unary;
            return unary.GetTrailers();
        }

        void CheckMetadata(Metadata headers, Metadata trailers)
        {
            Same("test_initial_metadata_value", headers.GetValue(TrialService.Initial), TrialService.Initial);
            Same(ByteString.CopyFrom(trailing), ByteString.CopyFrom(trailers.GetValueBytes(TrialService.Trailing) ?? []), TrialService.Trailing);
        }
    }

    private static async Task HealthCheckAsync(GrpcChannel channel)
    {
        var health = new Health.HealthClient(channel);
        HealthCheckResponse response = await health.CheckAsync(new HealthCheckRequest(), Usual());
        Same(HealthCheckResponse.Types.ServingStatus.Serving, response.Status, "the server's health");
        await EndsAsync(StatusCode.NotFound, async () => await health.CheckAsync(new HealthCheckRequest { Service = "nobody's" }, Usual()));
    }

    private static async Task HealthWatchAsync(GrpcChannel channel)
    {
        using var cancellation = new CancellationTokenSource();
        using AsyncServerStreamingCall<HealthCheckResponse> watch =
            new Health.HealthClient(channel).Watch(new HealthCheckRequest(), Usual().WithCancellationToken(cancellation.Token));
        True(await watch.ResponseStream.MoveNext(), "there is a first status");
        Same(HealthCheckResponse.Types.ServingStatus.Serving, watch.ResponseStream.Current.Status, "the server's health");
        await cancellation.CancelAsync();
        await EndsAsync(StatusCode.Cancelled, () => watch.ResponseStream.MoveNext());
    }

    private static Trial.TrialClient Trials(GrpcChannel channel) => new(channel);

    private static CallOptions Usual() => new(deadline: DateTime.UtcNow + Patience);

    private static Question Ask(int bytes, params int[] answers) =>
        new() { Payload = Zeros(bytes), Pieces = { answers.Select(a => new Piece { Bytes = a }) } };

    private static ByteString Zeros(int count) => ByteString.CopyFrom(new byte[count]);

    private static async Task ReadAsync(IAsyncStreamReader<Answer> answers, params int[] lengths)
    {
        foreach (int length in lengths)
        {
            True(await answers.MoveNext(), "all answers come");
            Same(Zeros(length), answers.Current.Payload, "the payload");
        }

        True(!await answers.MoveNext(), "no other answers come");
    }

    private static async Task<RpcException> EndsAsync(StatusCode expected, Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (RpcException e)
        {
            True(e.StatusCode == expected, $"the status is {expected}, and not {e.StatusCode} ({e.Status.Detail})");
            return e;
        }

        throw new InvalidOperationException($"the status is {expected}, and not OK");
    }

    private static void Same<T>(T expected, T actual, string what) =>
        True(EqualityComparer<T>.Default.Equals(expected, actual), $"{what}: {Short(expected)}, and not {Short(actual)}");

    private static string Short<T>(T value) => value is ByteString bytes ? $"{bytes.Length} bytes" : $"{value}";

    private static void True(bool isSo, string what)
    {
        if (!isSo)
            throw new InvalidOperationException($"expected: {what}");
    }
}
