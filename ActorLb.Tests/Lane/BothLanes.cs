using ActorLb.Shared.Settings;
using ActorLb.Tests.Memory;
using Xunit;

namespace ActorLb.Tests.Lane;

// What both lanes promise is tested on both. A test that asks which one it is shows a named exception of docs/lanes.md.

public sealed class KestrelAccessLogTests() : AccessLogTests(ListenerEngine.Kestrel);

public sealed class EpollAccessLogTests() : AccessLogTests(ListenerEngine.Epoll);

public sealed class KestrelAccessLogFieldsTests() : AccessLogFieldsTests(ListenerEngine.Kestrel);

public sealed class EpollAccessLogFieldsTests() : AccessLogFieldsTests(ListenerEngine.Epoll);

public sealed class KestrelOwnAnswerLogTests() : OwnAnswerLogTests(ListenerEngine.Kestrel);

public sealed class EpollOwnAnswerLogTests() : OwnAnswerLogTests(ListenerEngine.Epoll);

public sealed class KestrelAnswerTests() : AnswerTests(ListenerEngine.Kestrel);

public sealed class EpollAnswerTests() : AnswerTests(ListenerEngine.Epoll);

public sealed class KestrelRetryBudgetLaneTests() : RetryBudgetLaneTests(ListenerEngine.Kestrel);

public sealed class EpollRetryBudgetLaneTests() : RetryBudgetLaneTests(ListenerEngine.Epoll);

public sealed class KestrelHeldBodyLaneTests() : HeldBodyLaneTests(ListenerEngine.Kestrel);

public sealed class EpollHeldBodyLaneTests() : HeldBodyLaneTests(ListenerEngine.Epoll);

public sealed class KestrelAnnouncedClientTests() : AnnouncedClientTests(ListenerEngine.Kestrel);

public sealed class EpollAnnouncedClientTests() : AnnouncedClientTests(ListenerEngine.Epoll);

public sealed class KestrelBalanceTests() : BalanceTests(ListenerEngine.Kestrel);

public sealed class EpollBalanceTests() : BalanceTests(ListenerEngine.Epoll);

public sealed class KestrelBackendAnnouncementTests() : BackendAnnouncementTests(ListenerEngine.Kestrel);

public sealed class EpollBackendAnnouncementTests() : BackendAnnouncementTests(ListenerEngine.Epoll);

public sealed class KestrelBackendConnectionTests() : BackendConnectionTests(ListenerEngine.Kestrel);

public sealed class EpollBackendConnectionTests() : BackendConnectionTests(ListenerEngine.Epoll);

public sealed class KestrelConnectionTests() : ConnectionTests(ListenerEngine.Kestrel);

public sealed class EpollConnectionTests() : ConnectionTests(ListenerEngine.Epoll);

public sealed class KestrelCacheableAnswerTests() : CacheableAnswerTests(ListenerEngine.Kestrel);

public sealed class EpollCacheableAnswerTests() : CacheableAnswerTests(ListenerEngine.Epoll);

public sealed class KestrelConnectionAuthTests() : ConnectionAuthTests(ListenerEngine.Kestrel);

public sealed class EpollConnectionAuthTests() : ConnectionAuthTests(ListenerEngine.Epoll);

public sealed class KestrelDescriptorLimitTests() : DescriptorLimitTests(ListenerEngine.Kestrel);

public sealed class EpollDescriptorLimitTests() : DescriptorLimitTests(ListenerEngine.Epoll);

public sealed class KestrelEarlyAnswerTests() : EarlyAnswerTests(ListenerEngine.Kestrel);

public sealed class EpollEarlyAnswerTests() : EarlyAnswerTests(ListenerEngine.Epoll);

public sealed class KestrelFailureAnswerTests() : FailureAnswerTests(ListenerEngine.Kestrel);

public sealed class EpollFailureAnswerTests() : FailureAnswerTests(ListenerEngine.Epoll);

public sealed class KestrelForwardedFieldsTests() : ForwardedFieldsTests(ListenerEngine.Kestrel);

public sealed class EpollForwardedFieldsTests() : ForwardedFieldsTests(ListenerEngine.Epoll);

public sealed class KestrelHeaderTests() : HeaderTests(ListenerEngine.Kestrel);

public sealed class EpollHeaderTests() : HeaderTests(ListenerEngine.Epoll);

public sealed class KestrelLoopTests() : LoopTests(ListenerEngine.Kestrel);

public sealed class EpollLoopTests() : LoopTests(ListenerEngine.Epoll);

public sealed class KestrelQueueTests() : QueueTests(ListenerEngine.Kestrel);

public sealed class EpollQueueTests() : QueueTests(ListenerEngine.Epoll);

public sealed class KestrelRefusalTests() : RefusalTests(ListenerEngine.Kestrel);

public sealed class EpollRefusalTests() : RefusalTests(ListenerEngine.Epoll);

public sealed class KestrelRetryTests() : RetryTests(ListenerEngine.Kestrel);

public sealed class EpollRetryTests() : RetryTests(ListenerEngine.Epoll);

public sealed class KestrelRoundRobinTests() : RoundRobinTests(ListenerEngine.Kestrel);

public sealed class EpollRoundRobinTests() : RoundRobinTests(ListenerEngine.Epoll);

public sealed class KestrelShutdownTests() : ShutdownTests(ListenerEngine.Kestrel);

public sealed class EpollShutdownTests() : ShutdownTests(ListenerEngine.Epoll);

public sealed class KestrelSmugglingTests() : SmugglingTests(ListenerEngine.Kestrel);

public sealed class EpollSmugglingTests() : SmugglingTests(ListenerEngine.Epoll);

public sealed class KestrelTicketHeaderTests() : TicketHeaderTests(ListenerEngine.Kestrel);

public sealed class EpollTicketHeaderTests() : TicketHeaderTests(ListenerEngine.Epoll);

public sealed class KestrelFirstBurstTests() : FirstBurstTests(ListenerEngine.Kestrel);

public sealed class EpollFirstBurstTests() : FirstBurstTests(ListenerEngine.Epoll);

public sealed class KestrelLearnedCookieTests() : LearnedCookieTests(ListenerEngine.Kestrel);

public sealed class EpollLearnedCookieTests() : LearnedCookieTests(ListenerEngine.Epoll);

public sealed class KestrelLearnedFloodTests() : LearnedFloodTests(ListenerEngine.Kestrel);

public sealed class EpollLearnedFloodTests() : LearnedFloodTests(ListenerEngine.Epoll);

public sealed class KestrelLeavingClientTests() : LeavingClientTests(ListenerEngine.Kestrel);

public sealed class EpollLeavingClientTests() : LeavingClientTests(ListenerEngine.Epoll);

public sealed class KestrelStickyTests() : StickyTests(ListenerEngine.Kestrel);

public sealed class EpollStickyTests() : StickyTests(ListenerEngine.Epoll);

[Collection(MeasuredMemoryCollection.Name)]
public sealed class KestrelStreamingTests() : StreamingTests(ListenerEngine.Kestrel);

[Collection(MeasuredMemoryCollection.Name)]
public sealed class EpollStreamingTests() : StreamingTests(ListenerEngine.Epoll);

public sealed class KestrelTimeoutTests() : TimeoutTests(ListenerEngine.Kestrel);

public sealed class EpollTimeoutTests() : TimeoutTests(ListenerEngine.Epoll);

public sealed class KestrelTunnelTests() : TunnelTests(ListenerEngine.Kestrel);

public sealed class EpollTunnelTests() : TunnelTests(ListenerEngine.Epoll);

public sealed class KestrelUnreachableBackendTests() : UnreachableBackendTests(ListenerEngine.Kestrel);

public sealed class EpollUnreachableBackendTests() : UnreachableBackendTests(ListenerEngine.Epoll);

public sealed class KestrelWebSocketTests() : WebSocketTests(ListenerEngine.Kestrel);

public sealed class EpollWebSocketTests() : WebSocketTests(ListenerEngine.Epoll);

public sealed class KestrelTunnelEndTests() : TunnelEndTests(ListenerEngine.Kestrel);

public sealed class EpollTunnelEndTests() : TunnelEndTests(ListenerEngine.Epoll);

public sealed class KestrelMeasurementTests() : MeasurementTests(ListenerEngine.Kestrel);

public sealed class EpollMeasurementTests() : MeasurementTests(ListenerEngine.Epoll);

public sealed class KestrelMemoryTests() : MemoryTests(ListenerEngine.Kestrel);

public sealed class EpollMemoryTests() : MemoryTests(ListenerEngine.Epoll);

public sealed class KestrelLeastRateTests() : LeastRateTests(ListenerEngine.Kestrel);

public sealed class EpollLeastRateTests() : LeastRateTests(ListenerEngine.Epoll);

public sealed class KestrelKeptConnectionTests() : KeptConnectionTests(ListenerEngine.Kestrel);

public sealed class EpollKeptConnectionTests() : KeptConnectionTests(ListenerEngine.Epoll);

public sealed class KestrelUnaskedAnswerTests() : UnaskedAnswerTests(ListenerEngine.Kestrel);

public sealed class EpollUnaskedAnswerTests() : UnaskedAnswerTests(ListenerEngine.Epoll);

public sealed class KestrelForgottenConnectionTests() : ForgottenConnectionTests(ListenerEngine.Kestrel);

public sealed class EpollForgottenConnectionTests() : ForgottenConnectionTests(ListenerEngine.Epoll);

public sealed class KestrelUnfinishedAnswerTests() : UnfinishedAnswerTests(ListenerEngine.Kestrel);

public sealed class EpollUnfinishedAnswerTests() : UnfinishedAnswerTests(ListenerEngine.Epoll);

public sealed class KestrelUpgradeTests() : UpgradeTests(ListenerEngine.Kestrel);

public sealed class EpollUpgradeTests() : UpgradeTests(ListenerEngine.Epoll);

public sealed class KestrelRouteMeaningTests() : RouteMeaningTests(ListenerEngine.Kestrel);

public sealed class EpollRouteMeaningTests() : RouteMeaningTests(ListenerEngine.Epoll);

public sealed class KestrelOddAnswerTests() : OddAnswerTests(ListenerEngine.Kestrel);

public sealed class EpollOddAnswerTests() : OddAnswerTests(ListenerEngine.Epoll);

public sealed class KestrelRequestFormTests() : RequestFormTests(ListenerEngine.Kestrel, tls: false);

public sealed class EpollRequestFormTests() : RequestFormTests(ListenerEngine.Epoll, tls: false);

public sealed class TlsRequestFormTests() : RequestFormTests(ListenerEngine.Kestrel, tls: true);

public sealed class KestrelClientConnectionTests() : ClientConnectionTests(ListenerEngine.Kestrel, tls: false);

public sealed class EpollClientConnectionTests() : ClientConnectionTests(ListenerEngine.Epoll, tls: false);

public sealed class TlsClientConnectionTests() : ClientConnectionTests(ListenerEngine.Kestrel, tls: true);

public sealed class KestrelSilentClientTests() : SilentClientTests(ListenerEngine.Kestrel);

public sealed class EpollSilentClientTests() : SilentClientTests(ListenerEngine.Epoll);

public sealed class KestrelListenerChangeTests() : ListenerChangeTests(ListenerEngine.Kestrel);

public sealed class EpollListenerChangeTests() : ListenerChangeTests(ListenerEngine.Epoll);

public sealed class KestrelLimitChangeTests() : LimitChangeTests(ListenerEngine.Kestrel);

public sealed class EpollLimitChangeTests() : LimitChangeTests(ListenerEngine.Epoll);

public sealed class KestrelAccessLogChangeTests() : AccessLogChangeTests(ListenerEngine.Kestrel);

public sealed class EpollAccessLogChangeTests() : AccessLogChangeTests(ListenerEngine.Epoll);

public sealed class KestrelRouteFilterTests() : RouteFilterTests(ListenerEngine.Kestrel);

public sealed class EpollRouteFilterTests() : RouteFilterTests(ListenerEngine.Epoll);

public sealed class KestrelRouteLimitTests() : RouteLimitTests(ListenerEngine.Kestrel);

public sealed class EpollRouteLimitTests() : RouteLimitTests(ListenerEngine.Epoll);

public sealed class KestrelDroppedCookieTests() : DroppedCookieTests(ListenerEngine.Kestrel);

public sealed class EpollDroppedCookieTests() : DroppedCookieTests(ListenerEngine.Epoll);

public sealed class KestrelSplitTests() : SplitTests(ListenerEngine.Kestrel);

public sealed class EpollSplitTests() : SplitTests(ListenerEngine.Epoll);

public sealed class KestrelForwardAuthTests() : ForwardAuthTests(ListenerEngine.Kestrel);

public sealed class EpollForwardAuthTests() : ForwardAuthTests(ListenerEngine.Epoll);

public sealed class KestrelBasicAuthTests() : BasicAuthTests(ListenerEngine.Kestrel);

public sealed class EpollBasicAuthTests() : BasicAuthTests(ListenerEngine.Epoll);

public sealed class KestrelHttpsRedirectTests() : HttpsRedirectTests(ListenerEngine.Kestrel);

public sealed class EpollHttpsRedirectTests() : HttpsRedirectTests(ListenerEngine.Epoll);
