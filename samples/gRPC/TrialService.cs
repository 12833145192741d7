using System.Collections.Concurrent;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;

namespace GrpcSample;

/// <summary>Answers as it is asked to: so long, so late, with that status.</summary>
public sealed class TrialService(CountingService.Server server, ServedHealth health, TrialService.CancelledCalls cancelled) : Trial.TrialBase
{
    public const string Initial = "trial-initial";
    public const string Trailing = "trial-trailing-bin";
    public const string Name = "trial-name";

    public override async Task<Empty> Nothing(Empty request, ServerCallContext context)
    {
        await BeginAsync(context);
        return new Empty();
    }

    public override async Task<Answer> Echo(Question request, ServerCallContext context)
    {
        await BeginAsync(context);
        return await AnswerAsync(request, request.Payload.Length, context);
    }

    public override async Task<Answer> Sum(IAsyncStreamReader<Question> requestStream, ServerCallContext context)
    {
        await BeginAsync(context);
        long received = 0;
        var last = new Question();
        await foreach (Question question in requestStream.ReadAllAsync(context.CancellationToken))
        {
            received += question.Payload.Length;
            last = question;
        }

        return await AnswerAsync(last, received, context);
    }

    public override async Task Pieces(Question request, IServerStreamWriter<Answer> responseStream, ServerCallContext context)
    {
        await BeginAsync(context);
        await WriteAsync(request, request.Payload.Length, responseStream, context);
        End(request.Ending);
    }

    public override async Task Talk(IAsyncStreamReader<Question> requestStream, IServerStreamWriter<Answer> responseStream, ServerCallContext context)
    {
        await BeginAsync(context);
        long received = 0;
        Ending? ending = null;
        try
        {
            await foreach (Question question in requestStream.ReadAllAsync(context.CancellationToken))
            {
                received += question.Payload.Length;
                ending = question.Ending;
                await WriteAsync(question, received, responseStream, context);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException && context.RequestHeaders.GetValue(Name) is not null)
        {
            // The stream may say so before the token does, which is over with the call then.
            cancelled.Add(context.RequestHeaders.GetValue(Name)!);
            throw;
        }

        End(ending);
    }

    public override Task<Empty> Serve(Serving request, ServerCallContext context)
    {
        health.IsServing = request.Serving_;
        return Task.FromResult(new Empty());
    }

    public override Task<Cancelled> WasCancelled(Call request, ServerCallContext context) =>
        Task.FromResult(new Cancelled { Yes = cancelled.Contains(request.Name) });

    // Headers go at once, so that a client that waits for them alone has them.
    private async Task BeginAsync(ServerCallContext context)
    {
        if (context.RequestHeaders.GetValue(Name) is { } name)
            context.CancellationToken.Register(() => cancelled.Add(name));

        var headers = new Metadata();
        if (context.RequestHeaders.Get(Initial) is { } initial)
            headers.Add(initial);
        if (context.RequestHeaders.Get(Trailing) is { } trailing)
            context.ResponseTrailers.Add(trailing);
        await context.WriteResponseHeadersAsync(headers);
    }

    private async Task<Answer> AnswerAsync(Question question, long received, ServerCallContext context)
    {
        Piece piece = question.Pieces.Count > 0 ? question.Pieces[0] : new Piece { Bytes = question.Payload.Length };
        await Task.Delay(piece.AfterMilliseconds, context.CancellationToken);
        End(question.Ending);
        return AnswerOf(piece, received, context);
    }

    private async Task WriteAsync(Question question, long received, IServerStreamWriter<Answer> responses, ServerCallContext context)
    {
        foreach (Piece piece in question.Pieces)
        {
            await Task.Delay(piece.AfterMilliseconds, context.CancellationToken);
            await responses.WriteAsync(AnswerOf(piece, received, context), context.CancellationToken);
        }
    }

    private Answer AnswerOf(Piece piece, long received, ServerCallContext context) => new()
    {
        Payload = ByteString.CopyFrom(new byte[piece.Bytes]),
        Server = server.Name,
        ReceivedBytes = received,
        LeftMilliseconds = context.Deadline == DateTime.MaxValue ? 0 : (long)(context.Deadline - DateTime.UtcNow).TotalMilliseconds,
    };

    private static void End(Ending? ending)
    {
        if (ending is null)
            return;
        if (ending.WrongField.Length == 0)
            throw new RpcException(new Grpc.Core.Status((StatusCode)ending.Code, ending.Message));

        var detail = new BadRequest { FieldViolations = { new BadRequest.Types.FieldViolation { Field = ending.WrongField, Description = "is wrong" } } };
        throw new Google.Rpc.Status { Code = ending.Code, Message = ending.Message, Details = { Any.Pack(detail) } }.ToRpcException();
    }

    /// <summary>The names of calls that ended before their answers did.</summary>
    public sealed class CancelledCalls
    {
        private readonly ConcurrentDictionary<string, bool> _names = new();

        public void Add(string name) => _names[name] = true;

        public bool Contains(string name) => _names.ContainsKey(name);
    }
}
