<?php
// NAME=web-1 php -d session.save_path=/tmp/web-1 -S 127.0.0.1:9001 index.php
// A page whose sessions are PHP's own files, on the disk of one server. Behind nginx and php-fpm: nginx.conf beside it.
declare(strict_types=1);

$name = getenv('NAME') ?: 'php-' . getmypid();
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($path === '/healthz') {
    exit('ok');
}

// PHP believes no proxy by itself. Only the balancers can reach this server, so what they say is good: the scheme, and
// the client, which is the last one in X-Forwarded-For.
$scheme = $_SERVER['HTTP_X_FORWARDED_PROTO'] ?? 'http';
$hops = explode(',', $_SERVER['HTTP_X_FORWARDED_FOR'] ?? $_SERVER['REMOTE_ADDR']);
$client = trim(end($hops));

session_start(['cookie_httponly' => true, 'cookie_samesite' => 'Lax', 'cookie_secure' => $scheme === 'https']);
if ($path === '/login' && $_SERVER['REQUEST_METHOD'] === 'POST') {
    session_regenerate_id(true);
    $_SESSION = ['user' => $_POST['user'] ?? '', 'visits' => 0];
    header('Location: /', true, 303);
    exit;
}

if ($path === '/whoami') {
    $_SESSION['visits'] = ($_SESSION['visits'] ?? 0) + 1;
    header('Content-Type: application/json');
    exit(json_encode([
        'server' => $name, 'user' => $_SESSION['user'] ?? null, 'visits' => $_SESSION['visits'],
        'scheme' => $scheme, 'host' => $_SERVER['HTTP_HOST'], 'client' => $client,
    ]));
}

$user = htmlspecialchars($_SESSION['user'] ?? 'nobody');
echo "<!DOCTYPE html><title>PHP behind ActorLb</title><p>Server <b>$name</b>, you are <b>$user</b>.
<form method='post' action='/login'><input name='user' placeholder='your name'><button>Log in</button></form>";
