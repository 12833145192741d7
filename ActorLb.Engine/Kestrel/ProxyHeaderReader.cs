using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using ActorLb.Engine.ProxyProtocol;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// Stands before all else of a connection: where its listener expects that, it reads the PROXY header, and the connection is the
/// announced client's from there on. What does not begin with one is closed.
/// </summary>
/// <param name="patience">For the whole header; zero: no limit.</param>
internal sealed class ProxyHeaderReader(ConnectionDelegate next, Func<TimeSpan> patience, ProxyHeaderCounts counts, TimeProvider time)
{
    public Task OnConnectionAsync(ConnectionContext connection)
    {
        Admitted admitted = connection.Features.GetRequiredFeature<Admitted>();
        bool isHandedOver = connection.Features.Get<HandedOver>() is not null;
        if (isHandedOver && admitted.Announced is not null)
        {
            Name(connection, admitted.Announced);
            return next(connection);
        }

        if (connection is { RemoteEndPoint: IPEndPoint remote, LocalEndPoint: IPEndPoint local })
        {
            admitted.Ends = new AnnouncedClient(remote, local, IsTls: false);
        }

        IPAddress peer = PeerAddress.Of(connection);
        return !isHandedOver && admitted.Listener.Settings.ExpectsProxyHeader(peer) ? ReadAsync(connection, admitted, peer) : next(connection);
    }

    private static void Name(ConnectionContext connection, AnnouncedClient? announced)
    {
        if (announced is not null)
        {
            connection.RemoteEndPoint = announced.Source;
            connection.LocalEndPoint = announced.Destination;
        }
    }

    private async Task ReadAsync(ConnectionContext connection, Admitted admitted, IPAddress peer)
    {
        ProxyHeaderResult header = await ReadHeaderAsync(connection);
        if (header.Fault != ProxyHeaderFault.None)
        {
            counts.Refuse(peer, header.Fault);
        }
        else if (header.IsComplete && (header.Client is null || admitted.TryAnnounce(header.Client)))
        {
            Name(connection, header.Client);
            await next(connection);
        }
    }

    /// <summary>Takes the header and nothing behind it. What needs more has ended without a word, or is to.</summary>
    private async Task<ProxyHeaderResult> ReadHeaderAsync(ConnectionContext connection)
    {
        PipeReader input = connection.Transport.Input;
        using var waiting = new FirstBytesPatience(connection, patience(), time);
        try
        {
            while (true)
            {
                ReadResult read = await input.ReadAsync(waiting.Token);
                ProxyHeaderResult header = Parse(read.Buffer);
                if (header.Status != ProxyHeaderStatus.NeedMore)
                {
                    input.AdvanceTo(read.Buffer.GetPosition(header.Consumed));
                    return header;
                }

                if (read.IsCompleted)
                {
                    // Balancers of connections open one and close it to see whether somebody is there.
                    return read.Buffer.IsEmpty ? ProxyHeaderResult.NeedMore : ProxyHeaderResult.Rejected(ProxyHeaderFault.Unfinished);
                }

                input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (OperationCanceledException)
        {
            return waiting.IsOver ? ProxyHeaderResult.Rejected(ProxyHeaderFault.Late) : ProxyHeaderResult.NeedMore;
        }
        catch (IOException)
        {
            return ProxyHeaderResult.NeedMore;
        }
    }

    private static ProxyHeaderResult Parse(in ReadOnlySequence<byte> received) => received.IsSingleSegment
        ? ProxyHeaderParser.Parse(received.FirstSpan)
        : ProxyHeaderParser.Parse(received.Slice(0, Math.Min(received.Length, ProxyHeaderParser.BytesMax)).ToArray());
}
